#pragma once

#include <cstddef>
#include <string_view>
#include <variant>
#include <vector>

#include "jobs/job.hpp"
#include "jobs/json/parse_error.hpp"
#include "jobs/kinds/parse_options.hpp"

namespace jobs {

/// A list, or its first `errors_max` faults in the order of the text.
struct ParsedList {
  JobList list;
  std::vector<ParseError> errors;
};

/// Reads a whole list. No text makes it throw: what it cannot accept is in `errors`, and then
/// `list` is not to be used.
///
/// Every message is fit for a terminal: it repeats little of the text, and that without control
/// characters. The value of an `x-` key is not looked at, even for keys given twice. Beside the
/// jobs themselves the reading needs 56 bytes for each explicit id, and room for one job's text as
/// a tree; a list that has its defaults or `max_digits` behind its jobs is read twice.
ParsedList parse_list(std::string_view text, const ParseOptions& options);

/// Reads one line of a list with one job a line. `position` is the 1-based place of the job among
/// the list's lines that are not blank: a job without an id is called `job-<position>`.
/// The fault is the line's first, and its message counts the others; its `line` is always 1: the
/// caller knows the true one. The caller also has to see that explicit ids are unique. A byte order
/// mark is skipped on any line, as the text may be several files in one. Any thread may call; each
/// keeps a few kilobytes for its next line.
std::variant<Job, ParseError> parse_line(std::string_view line, std::size_t position,
                                         const ParseOptions& options);

}  // namespace jobs
