#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "jobs/job.hpp"

namespace jobs {

/// Digits that a bare integer may have: past about 308 nlohmann's lexer gives up.
inline constexpr std::size_t bare_digits_max = 300;
/// Digits that a quoted integer may have unless a setting says less.
inline constexpr std::size_t quoted_digits_max = 20'000;
/// Errors that one report holds.
inline constexpr std::size_t errors_max = 100;
/// Levels of nesting that a list may have.
inline constexpr std::size_t nesting_max = 64;
/// Bytes that one line of a list with one job a line may have.
inline constexpr std::size_t line_bytes_max = 1'048'576;

/// What the reader has to know beside the text itself.
struct ParseOptions {
  std::filesystem::path folder;                ///< what `numbers_from` is relative to
  std::size_t max_digits = quoted_digits_max;  ///< unless the list's own settings say otherwise
  bool max_digits_fixed = false;  ///< they may not: a flag or the environment has set it
};

/// One fault of a list: where it is, and what is wrong; what was expected.
struct ParseError {
  std::size_t line = 1;    ///< 1-based
  std::size_t column = 1;  ///< 1-based, in bytes
  std::string pointer;     ///< JSON Pointer; the root prints as `/`
  std::string message;

  /// `FILE:LINE:COLUMN: POINTER: message`, without a newline.
  std::string to_string(std::string_view file) const;
};

/// A list, or all that is wrong with it: the first `errors_max` faults in the order of the text.
struct ParsedList {
  JobList list;
  std::vector<ParseError> errors;
};

/// Reads a whole list. Never throws for what is in the text; what it cannot accept is in `errors`,
/// and then `list` is not to be used.
///
/// Every message is fit for a terminal: it repeats little of the text, and that without control
/// characters. What the value of an `x-` key holds is not looked at, keys given twice included.
/// Beside the jobs themselves it needs 56 bytes for each explicit id, and room for one job's text
/// as a tree; a list that has its defaults or `max_digits` behind its jobs is read twice.
ParsedList parse_list(std::string_view text, const ParseOptions& options);

/// Reads one line of a list with one job a line. `position` is the 1-based place of the job among
/// the list's lines that are not blank: a job without an id is called `job-<position>`.
/// The fault is the line's first, and says how many more there are; its `line` is always 1: the
/// caller knows the true one. Whether an explicit id is unique is for the caller to see. A byte
/// order mark is skipped on any line, as files that have one may have been put together. Any thread
/// may call; each keeps a few kilobytes for its next line.
std::variant<Job, ParseError> parse_line(std::string_view line, std::size_t position,
                                         const ParseOptions& options);

/// Reads a duration as a list has it in a string, `1m30s` or `1.5s`; empty if it is none or lies
/// beyond 100 years of 365.25 days. For flags and the environment: a bare number of seconds is
/// accepted too, as JSON writes numbers.
std::optional<Duration> parse_duration(std::string_view text);

/// The JSON Schema (draft-07) of the job list, the same text as config/jobs.schema.json.
std::string_view schema();

}  // namespace jobs
