#include "jobs/lanes/slice.hpp"

#include <iterator>
#include <span>
#include <utility>

#include "jobs/bulk/plain_work.hpp"

namespace jobs {

namespace {

/// A `result` record of a plain job has about that, ids of up to 20 characters included.
constexpr std::size_t usual_record_bytes = 256;

/// Works on `runs`, and adds what comes of it to the slice.
void work_on(std::vector<PrimeRun> runs, const StopTokens& stop, aio::TimePoint end, Slice& slice) {
  bool has_stepped = false;  // at least once: on a busy machine the time may be over already
  const auto may_go_on = [&](const PrimeRun& run) {
    const std::stop_token& token = run.has_started() ? stop.go_on : stop.begin;
    const auto has_room = [&] {
      return slice.records.size() < slice_bytes && aio::Clock::now() < end;
    };
    return !token.stop_requested() && (!has_stepped || has_room());
  };
  auto run = runs.begin();
  while (run != runs.end() && may_go_on(*run)) {
    has_stepped = true;
    if (!run->step(slice.records)) continue;
    slice.counts.add(run->state());
    ++run;
  }
  slice.unfinished.insert(slice.unfinished.end(), std::make_move_iterator(run),
                          std::make_move_iterator(runs.end()));
}

PrimeRun run_of(const PlainJob& job) {
  std::string id = job.id.empty() ? "job-" + std::to_string(job.position) : std::string(job.id);
  return PrimeRun(std::move(id), Prime{primes::Integer(job.number)});
}

}  // namespace

Executor executor_of(const Job& job, std::optional<Executor> for_all) {
  const bool is_countdown = std::holds_alternative<Countdown>(job.work);
  return for_all.value_or(job.executor.value_or(is_countdown ? Executor::loop : Executor::thread));
}

bool is_for_pool(const Job& job, std::optional<Executor> for_all) {
  return std::holds_alternative<Prime>(job.work) && executor_of(job, for_all) == Executor::thread;
}

Slice work(std::vector<PrimeRun> runs, const StopTokens& stop, aio::TimePoint end,
           std::string memory) {
  Slice slice;
  slice.records = std::move(memory);
  work_on(std::move(runs), stop, end, slice);
  return slice;
}

Slice work(const Lines& lines, LineContext& context, const StopTokens& stop) {
  return work(parse_lines(lines, context), context, stop);
}

Slice work(ParsedLines parsed, const LineContext& context, const StopTokens& stop,
           std::string memory) {
  Slice slice;
  slice.records = std::move(memory);
  for (const auto& [code, fault] : parsed.rejected) {
    const std::string message = fault.pointer + ": " + fault.message;
    append(slice.records, RejectedRecord{fault.line, fault.column, {code, message}});
  }
  slice.counts.accepted = parsed.plain.size() + parsed.jobs.size();
  slice.counts.rejected = parsed.rejected.size();
  slice.records.reserve(slice.records.size() + parsed.plain.size() * usual_record_bytes);
  const std::size_t ended = work_plain(parsed.plain, stop.begin_plain, slice.records);
  slice.counts.succeeded = ended;
  std::vector<PrimeRun> runs;
  for (Job& job : parsed.jobs) {
    if (is_for_pool(job, context.executor)) {
      runs.emplace_back(std::move(job.id), std::get<Prime>(std::move(job.work)));
    } else {
      slice.others.push_back(std::move(job));
    }
  }
  work_on(std::move(runs), stop, aio::Clock::now() + slice_time, slice);
  for (const PlainJob& job : std::span(parsed.plain).subspan(ended)) {
    slice.unfinished.push_back(run_of(job));
  }
  return slice;
}

}  // namespace jobs
