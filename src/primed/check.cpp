#include <unistd.h>

#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "jobs/bulk/line_reader.hpp"
#include "jobs/lanes/slice.hpp"
#include "primed/commands.hpp"
#include "primed/list_input.hpp"

namespace primed {

namespace {

/// The numbers of jobs and faults in a list.
struct Summary {
  std::size_t countdowns = 0;
  std::size_t checks = 0;
  std::size_t faults = 0;

  void add(const jobs::Job& job) {
    ++(std::holds_alternative<jobs::Countdown>(job.work) ? countdowns : checks);
  }
  std::string to_string() const {
    const std::size_t all = countdowns + checks;
    return std::to_string(all) + (all == 1 ? " job (" : " jobs (") + std::to_string(countdowns) +
           " countdown, " + std::to_string(checks) + " prime)";
  }
};

aio::Coro<Summary> check_document(ListInput& input, Messages& messages) {
  const std::string text = co_await input.read_all();
  const jobs::ParsedList parsed = jobs::parse_list(text, input.parse_options());
  print_faults(messages, parsed.errors, text, input.name());
  Summary summary;
  summary.faults = parsed.errors.size();
  for (const jobs::Job& job : parsed.list.jobs) summary.add(job);
  co_return summary;
}

/// Adds the jobs of one chunk of lines to `summary`, and their faults to `faults`.
void check_chunk(const jobs::Chunk& lines, jobs::ChunkContext& context, Summary& summary,
                 std::vector<jobs::ParseError>& faults) {
  jobs::ParsedChunk parsed = jobs::parse_chunk(lines, context);
  for (const jobs::Job& job : parsed.jobs) summary.add(job);
  for (jobs::RejectedLine& rejected : parsed.rejected) {
    if (faults.size() < jobs::errors_max) faults.push_back(std::move(rejected.fault));
  }
}

/// Throws Exit (no_input) if reading fails.
aio::Coro<std::optional<jobs::Chunk>> next_chunk(jobs::LineReader& reader, const ListInput& input) {
  try {
    co_return co_await reader.next();
  } catch (const std::system_error& error) {
    throw Exit(ExitCode::no_input, input.name() + ": " + error.code().message());
  }
}

aio::Coro<Summary> check_lines(ListInput& input, Messages& messages) {
  Summary summary;
  std::vector<jobs::ParseError> faults;
  jobs::ChunkContext context(input.parse_options(), std::nullopt);
  jobs::LineReader reader(input.fd(), input.take_already_read());
  while (faults.size() < jobs::errors_max) {
    const std::optional<jobs::Chunk> chunk = co_await next_chunk(reader, input);
    if (!chunk) break;
    check_chunk(*chunk, context, summary, faults);
  }
  print_faults(messages, faults, {}, input.name());
  summary.faults = faults.size();
  co_return summary;
}

aio::Coro<ExitCode> check_list(const Options& options, Messages& messages) {
  ListInput input(options);
  const bool one_job_a_line = co_await input.is_one_job_a_line();
  Summary summary;
  if (one_job_a_line) {
    summary = co_await check_lines(input, messages);
  } else {
    summary = co_await check_document(input, messages);
  }
  if (summary.faults > 0) co_return ExitCode::bad_configuration;
  messages.print(input.name() + ": valid: " + summary.to_string() + "\n");
  co_return ExitCode::success;
}

}  // namespace

ExitCode check(const Options& options) {
  Messages messages(STDERR_FILENO);
  aio::EventLoop loop;  // and not aio::run, so that SIGINT does to it what it does by default
  const ExitCode code = loop.run_until_complete(check_list(options, messages));
  messages.flush(std::nullopt);  // a reader that takes its time gets them all
  return code;
}

}  // namespace primed
