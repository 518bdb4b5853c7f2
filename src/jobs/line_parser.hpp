#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "jobs/id_set.hpp"
#include "jobs/job.hpp"
#include "jobs/lines.hpp"
#include "jobs/parse.hpp"
#include "jobs/record.hpp"

namespace jobs {

/// The ids of a list with one job a line, registered in the order of the list although its chunks
/// are parsed by several threads.
class IdRegistry {
 public:
  /// Waits until all chunks with lower tickets have been registered, then tells of each id whether
  /// it was new. Every ticket must come.
  std::vector<bool> insert(std::uint64_t ticket, const std::vector<std::string_view>& ids);

 private:
  std::mutex mutex_;
  std::condition_variable turn_changed_;
  std::uint64_t next_ticket_ = 0;
  IdSet ids_;
};

/// What the lines of a list have in common.
struct LineContext {
  LineContext(ParseOptions options, std::optional<Executor> executor_for_all)
      : parse(std::move(options)), executor(executor_for_all) {}

  ParseOptions parse;
  std::optional<Executor> executor;  ///< for all jobs, whatever they say
  IdRegistry ids;
};

/// A line that is no job, and why. The fault's line is that of the input.
struct RejectedLine {
  ErrorCode code;
  ParseError fault;
};

/// A chunk of lines, parsed: the jobs in their order, and the lines that are none.
struct ParsedLines {
  std::vector<Job> jobs;
  std::vector<RejectedLine> rejected;
};

/// Parses a chunk of lines. Any thread may call, but it may wait until other threads have parsed
/// the chunks before.
ParsedLines parse_lines(const Lines& lines, LineContext& context);

}  // namespace jobs
