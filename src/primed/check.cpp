#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "jobs/bulk/line_reader.hpp"
#include "jobs/lanes/slice.hpp"
#include "primed/commands.hpp"
#include "primed/list_input.hpp"

namespace primed {

namespace {

/// What a list holds, for the one line that a valid one is worth.
struct Summary {
  std::size_t countdowns = 0;
  std::size_t checks = 0;
  std::size_t faults = 0;

  void add(const jobs::Job& job) {
    ++(std::holds_alternative<jobs::Countdown>(job.work) ? countdowns : checks);
  }
  void print(const std::string& name) const {
    const std::size_t all = countdowns + checks;
    std::fprintf(stderr, "%s: valid: %zu job%s (%zu countdown, %zu prime)\n", name.c_str(), all,
                 all == 1 ? "" : "s", countdowns, checks);
  }
};

aio::Coro<Summary> check_document(ListInput& input) {
  const std::string text = co_await input.read_all();
  const jobs::ParsedList parsed = jobs::parse_list(text, input.parse_options());
  print_faults(parsed.errors, text, input.name());
  Summary summary;
  summary.faults = parsed.errors.size();
  for (const jobs::Job& job : parsed.list.jobs) summary.add(job);
  co_return summary;
}

/// The faults of one chunk of lines, added to `faults`, and what else it holds to `summary`.
void check_chunk(const jobs::Chunk& lines, jobs::ChunkContext& context, Summary& summary,
                 std::vector<jobs::ParseError>& faults) {
  jobs::ParsedChunk parsed = jobs::parse_chunk(lines, context);
  for (const jobs::Job& job : parsed.jobs) summary.add(job);
  for (jobs::RejectedLine& rejected : parsed.rejected) {
    if (faults.size() < jobs::errors_max) faults.push_back(std::move(rejected.fault));
  }
}

aio::Coro<Summary> check_lines(ListInput& input) {
  Summary summary;
  std::vector<jobs::ParseError> faults;
  jobs::ChunkContext context(input.parse_options(), std::nullopt);
  jobs::LineReader reader(input.fd(), input.take_already_read());
  while (faults.size() < jobs::errors_max) {
    const std::optional<jobs::Chunk> chunk = co_await reader.next();
    if (!chunk) break;
    check_chunk(*chunk, context, summary, faults);
  }
  print_faults(faults, {}, input.name());
  summary.faults = faults.size();
  co_return summary;
}

aio::Coro<ExitCode> check_list(const Options& options) {
  ListInput input(options);
  const bool one_job_a_line = co_await input.is_one_job_a_line();
  Summary summary;
  if (one_job_a_line) {
    summary = co_await check_lines(input);
  } else {
    summary = co_await check_document(input);
  }
  if (summary.faults > 0) co_return ExitCode::bad_configuration;
  summary.print(input.name());
  co_return ExitCode::success;
}

}  // namespace

ExitCode check(const Options& options) {
  aio::EventLoop loop;  // and not aio::run, so that SIGINT does to it what it does by default
  return loop.run_until_complete(check_list(options));
}

}  // namespace primed
