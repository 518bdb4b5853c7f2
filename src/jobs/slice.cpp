#include "jobs/slice.hpp"

#include <iterator>
#include <utility>

namespace jobs {

Executor executor_of(const Job& job, std::optional<Executor> for_all) {
  const bool is_countdown = std::holds_alternative<Countdown>(job.work);
  return for_all.value_or(job.executor.value_or(is_countdown ? Executor::loop : Executor::thread));
}

bool is_for_pool(const Job& job, std::optional<Executor> for_all) {
  return std::holds_alternative<Prime>(job.work) && executor_of(job, for_all) == Executor::thread;
}

Slice work(std::vector<PrimeRun> runs, const StopTokens& stop) {
  Slice slice;
  const aio::TimePoint end = aio::Clock::now() + slice_time;
  bool has_stepped = false;  // at least once: on a busy machine the time may be over already
  const auto may_go_on = [&](const PrimeRun& run) {
    const std::stop_token& token = run.has_started() ? stop.go_on : stop.begin;
    return !token.stop_requested() && (!has_stepped || aio::Clock::now() < end);
  };
  auto run = runs.begin();
  while (run != runs.end() && may_go_on(*run)) {
    has_stepped = true;
    if (!run->step(slice.records)) continue;
    slice.counts.add(run->state());
    ++run;
  }
  slice.unfinished.assign(std::make_move_iterator(run), std::make_move_iterator(runs.end()));
  return slice;
}

Slice work(const Lines& lines, LineContext& context, const StopTokens& stop) {
  ParsedLines parsed = parse_lines(lines, context);
  std::string rejected;
  for (const auto& [code, fault] : parsed.rejected) {
    const std::string message = fault.pointer + ": " + fault.message;
    append(rejected, RejectedRecord{fault.line, fault.column, {code, message}});
  }
  const std::size_t accepted = parsed.jobs.size();
  std::vector<PrimeRun> runs;
  std::vector<Job> others;
  for (Job& job : parsed.jobs) {
    if (is_for_pool(job, context.executor)) {
      runs.emplace_back(std::move(job.id), std::get<Prime>(std::move(job.work)));
    } else {
      others.push_back(std::move(job));
    }
  }
  Slice slice = work(std::move(runs), stop);
  slice.records.insert(0, rejected);
  slice.counts.accepted = accepted;
  slice.counts.rejected = parsed.rejected.size();
  slice.others = std::move(others);
  return slice;
}

}  // namespace jobs
