#include "jobs/run.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace jobs {

namespace {

/// Prime jobs of a parsed list that travel together. A worker that runs out of time hands back what it
/// did not get to, so a batch may be large without keeping the others idle.
constexpr std::size_t batch_jobs = 256;

/// Batches and chunks that may wait for each worker.
constexpr std::size_t queued_items_per_worker = 2;

}  // namespace

Run::Run(aio::EventLoop& loop, Output& output, const RunOptions& options)
    : loop_(loop), output_(output), options_(options), executor_(options.workers) {}

// --- Taking in

aio::Coro<void> Run::work(std::vector<Job> jobs) {
  counts_.accepted = jobs.size();
  return work_to_the_end(loop_.create_task(take_in(std::move(jobs)), "intake"));
}

aio::Coro<void> Run::work(LineReader& lines, const ParseOptions& parse) {
  lines_.emplace(parse, options_.executor);
  reader_ = &lines;
  return work_to_the_end(loop_.create_task(take_in(lines), "intake"));
}

aio::Coro<void> Run::work_to_the_end(aio::Task<void> intake) {
  intake_ = intake;
  intake_.add_done_callback([this](const aio::AnyFuture&) { changed_.notify(); });
  if (deadline_) stop(*deadline_);  // the stop was there first
  std::vector<aio::Task<void>> tasks;
  for (unsigned i = 1; i <= options_.workers; ++i) {
    tasks.push_back(loop_.create_task(worker(), "worker " + std::to_string(i)));
  }
  tasks.push_back(loop_.create_task(check_on_loop(), "checks on the loop"));
  co_await changed_.until([this] { return is_idle(); });
  finished_ = true;
  changed_.notify();
  for (const aio::Task<void>& task : tasks) co_await task;
  if (!intake_.cancelled()) co_await intake_;
}

aio::Coro<void> Run::take_in(std::vector<Job> jobs) {
  Batch batch;
  for (Job& job : jobs) {
    if (!is_for_pool(job, options_.executor)) {
      co_await admit(std::move(job));
      continue;
    }
    batch.emplace_back(std::move(job.id), std::get<Prime>(std::move(job.work)));
    if (batch.size() == batch_jobs) co_await enqueue(std::exchange(batch, {}));
  }
  if (!batch.empty()) co_await enqueue(std::move(batch));
}

aio::Coro<void> Run::take_in(LineReader& lines) {
  for (;;) {
    std::optional<Lines> chunk = co_await lines.next();
    if (!chunk) co_return;
    co_await enqueue(*std::move(chunk));
  }
}

/// For the jobs that do not travel in batches.
aio::Coro<void> Run::admit(Job job) {
  if (deadline_) co_return;
  const bool is_countdown = std::holds_alternative<Countdown>(job.work);
  const Executor usual = is_countdown ? Executor::loop : Executor::thread;
  const Executor executor = options_.executor.value_or(job.executor.value_or(usual));
  if (is_countdown && executor == Executor::thread) {
    queue_.emplace_back(CountdownRun(std::move(job.id), std::get<Countdown>(job.work)));
    changed_.notify();
    co_return;
  }
  co_await changed_.until([this] { return deadline_ || open_ < options_.max_open_jobs; });
  if (deadline_) co_return;
  ++open_;
  if (is_countdown) {
    start_countdown(CountdownRun(std::move(job.id), std::get<Countdown>(job.work)));
  } else {
    loop_checks_.emplace_back(std::move(job.id), std::get<Prime>(std::move(job.work)));
    changed_.notify();
  }
}

aio::Coro<void> Run::enqueue(Item item) {
  const std::size_t room = options_.workers * queued_items_per_worker;
  try {
    co_await changed_.until([this, room] { return queue_.size() < room; });
  } catch (const aio::CancelledError&) {
    if (std::holds_alternative<Lines>(item)) cut_short_ = true;
    throw;
  }
  queue_.push_back(std::move(item));
  changed_.notify();
}

// --- On the loop

void Run::start_countdown(CountdownRun run) {
  const auto countdown = countdowns_.insert(countdowns_.end(), {std::move(run), nullptr});
  const aio::Task<void> task = loop_.create_task(count_down_on_loop(countdown));
  countdown->interrupt = [task] { task.cancel("the program was told to stop"); };
}

aio::Coro<void> Run::count_down_on_loop(OpenCountdowns::iterator countdown) {
  countdown->run.start(loop_.time());
  try {
    co_await count_down(countdown->run, output_);
  } catch (const aio::CancelledError&) {
    // Told to stop: the record says so.
  }
  --open_;
  end_countdown(countdown);
}

void Run::end_countdown(OpenCountdowns::iterator countdown) {
  std::string record;
  counts_.add(countdown->run.finish(record, loop_.time()));
  output_.write(record);
  countdowns_.erase(countdown);
  changed_.notify();
}

/// All checks on the loop, in turn, one step of one of them a turn of the loop: whatever else becomes
/// ready waits for one step at most.
aio::Coro<void> Run::check_on_loop() {
  for (;;) {
    co_await changed_.until([this] { return finished_ || !loop_checks_.empty(); });
    if (loop_checks_.empty()) co_return;
    if (output_.is_congested()) co_await output_.ready();
    if (loop_checks_.empty()) continue;  // stopped meanwhile
    PrimeRun run = std::move(loop_checks_.front());
    loop_checks_.pop_front();
    std::string records;
    if (run.step(records)) {
      counts_.add(run.state());
      --open_;
    } else {
      loop_checks_.push_back(std::move(run));
    }
    output_.write(records);
    changed_.notify();
    co_await aio::sleep(0);
  }
}

// --- On the pool

aio::Coro<void> Run::worker() {
  for (;;) {
    co_await changed_.until([this] { return finished_ || !queue_.empty(); });
    if (queue_.empty()) co_return;
    if (output_.is_congested()) co_await output_.ready();
    if (queue_.empty()) continue;  // stopped meanwhile, or another worker was faster
    Item item = std::move(queue_.front());
    queue_.pop_front();
    ++busy_workers_;
    changed_.notify();
    if (auto* const countdown = std::get_if<CountdownRun>(&item)) {
      co_await count_down_on_pool(std::move(*countdown));
    } else {
      co_await work_slice(std::move(item));
    }
    --busy_workers_;
    changed_.notify();
  }
}

aio::Coro<void> Run::work_slice(Item item) {
  const auto on_pool = [](Item work_item, LineContext* lines, const StopTokens& stop) {
    if (auto* const chunk = std::get_if<Lines>(&work_item)) return jobs::work(*chunk, *lines, stop);
    return jobs::work(std::get<Batch>(std::move(work_item)), stop);
  };
  const StopTokens stop{stop_begin_.get_token(), stop_all_.get_token()};
  LineContext* const lines = lines_ ? &*lines_ : nullptr;
  auto future = loop_.run_in_executor(executor_, on_pool, std::move(item), lines, stop);
  Slice slice = co_await std::move(future);
  output_.write(slice.records);
  counts_ += slice.counts;
  requeue(std::move(slice.unfinished));
  for (Job& job : slice.others) co_await admit(std::move(job));
}

/// Work that has begun goes on before anything else begins: so no more jobs are begun than there are
/// workers.
void Run::requeue(Batch unfinished) {
  if (unfinished.empty()) return;
  Batch begun;
  if (unfinished.front().has_started()) {
    begun.push_back(std::move(unfinished.front()));
    unfinished.erase(unfinished.begin());
  }
  if (!unfinished.empty() && !deadline_) queue_.emplace_front(std::move(unfinished));
  if (begun.empty()) return;
  if (stop_all_.stop_requested()) {
    interrupt(begun.front());
  } else {
    queue_.emplace_front(std::move(begun));
  }
}

aio::Coro<void> Run::count_down_on_pool(CountdownRun run) {
  std::stop_source stop;
  run.start(loop_.time());
  const auto interrupt_it = [stop]() mutable { stop.request_stop(); };
  const auto countdown = countdowns_.insert(countdowns_.end(), {run, interrupt_it});
  auto future = loop_.run_in_executor(executor_, count_down_blocking, std::move(run),
                                      std::ref(loop_), std::ref(output_), stop.get_token());
  countdown->run = co_await std::move(future);
  end_countdown(countdown);
}

// --- Stopping

void Run::stop(aio::TimePoint deadline) {
  deadline_ = deadline;
  stop_begin_.request_stop();
  if (reader_ && intake_ && !intake_.done() && !reader_->is_drained()) cut_short_ = true;
  if (intake_) intake_.cancel("the program was told to stop");
  drop_what_has_not_begun();
  for (OpenCountdown& countdown : countdowns_) {
    if (countdown.run.last_due() > deadline) countdown.interrupt();
  }
  changed_.notify();
}

void Run::drop_what_has_not_begun() {
  for (Item& item : std::exchange(queue_, {})) {
    if (std::holds_alternative<Lines>(item)) cut_short_ = true;
    if (auto* const batch = std::get_if<Batch>(&item)) requeue(std::move(*batch));
  }
  const auto has_not_begun = [](const PrimeRun& run) { return !run.has_started(); };
  open_ -= std::erase_if(loop_checks_, has_not_begun);
  open_ -= countdowns_.remove_if([](const OpenCountdown& countdown) {
    if (countdown.run.has_started()) return false;
    countdown.interrupt();  // its task has not taken its first step, and never will
    return true;
  });
}

void Run::stop_now() {
  stop_all_.request_stop();
  stop(aio::TimePoint::min());
  for (PrimeRun& run : std::exchange(loop_checks_, {})) {
    --open_;
    interrupt(run);
  }
  changed_.notify();
}

void Run::interrupt(PrimeRun& run) {
  std::string record;
  run.interrupt(record);
  counts_.add(State::interrupted);
  output_.write(record);
}

bool Run::is_idle() const {
  return intake_.done() && queue_.empty() && loop_checks_.empty() && countdowns_.empty() &&
         busy_workers_ == 0;
}

Counts Run::counts() const {
  Counts counts = counts_;
  counts.left = counts.accepted - counts.succeeded - counts.failed - counts.timed_out -
                counts.cancelled - counts.interrupted - counts.skipped;
  return counts;
}

bool Run::left_work() const {
  const Counts now = counts();
  return cut_short_ || now.interrupted > 0 || now.left > 0;
}

}  // namespace jobs
