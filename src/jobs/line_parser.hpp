#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
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
  /// it was new. Without ids it does not wait. Every ticket must come.
  std::vector<bool> insert(std::uint64_t ticket, const std::vector<std::string_view>& ids);

 private:
  std::mutex mutex_;
  std::condition_variable turn_changed_;
  std::uint64_t next_ticket_ = 0;
  std::set<std::uint64_t> passed_;  // chunks without ids that came before their turn
  IdSet ids_;
};

/// What the lines of a list have in common.
struct LineContext {
  LineContext(ParseOptions options, std::optional<Executor> executor_for_all)
      : parse(std::move(options)), executor(executor_for_all) {}

  ParseOptions parse;
  std::optional<Executor> executor;  ///< for all jobs, whatever they say
  bool sort_out_plain = false;       ///< whether plain jobs are wanted apart from the others
  IdRegistry ids;
};

/// A line that is no job, and why. The fault's line is that of the input.
struct RejectedLine {
  ErrorCode code;
  ParseError fault;
};

/// A job as long lists have them by the million: to see on the pool whether one number below 2^64
/// is prime, by the automatic method. It points into the chunk that it was read from.
struct PlainJob {
  std::string_view id;  ///< that it names itself; else it is called by its position
  std::uint64_t number = 0;
  std::uint64_t line = 0;
  std::uint64_t position = 0;
};

/// A chunk of lines, parsed: the jobs in their order, and the lines that are none.
struct ParsedLines {
  std::vector<PlainJob> plain;  ///< those that were wanted apart
  std::vector<Job> jobs;
  std::vector<RejectedLine> rejected;
};

/// Parses a chunk of lines. Any thread may call, but it may wait until other threads have parsed
/// the chunks before. Which jobs are plain depends on how they are written: others may ask for the
/// same in a way that is seldom used.
ParsedLines parse_lines(const Lines& lines, LineContext& context);

}  // namespace jobs
