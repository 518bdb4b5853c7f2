#include "jobs/run/run.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

namespace jobs {

namespace {

/// Batches and chunks that may wait for each worker.
constexpr std::size_t queued_items_per_worker = 4;

/// What the loop has at hand, beside the workers.
constexpr std::size_t kept_for_loop = 4;

}  // namespace

Run::Run(aio::EventLoop& loop, Output& output, aio::ThreadPoolExecutor pool,
         const RunOptions& options)
    : loop_(loop),
      output_(output),
      options_(options),
      pool_(std::move(pool)),
      feed_(pool_.max_workers() * (queued_items_per_worker + 1 + begun_ahead_max) + kept_for_loop) {
  never_begin_.request_stop();
}

// --- Taking in

aio::Coro<void> Run::work(std::vector<Job> jobs) {
  counts_.accepted = jobs.size();
  return work_to_the_end(take_in(std::move(jobs)));
}

aio::Coro<void> Run::work(LineReader& lines, const ParseOptions& parse) {
  lines_.emplace(parse, options_.executor);
  lines_->sort_out_plain = true;
  reader_ = &lines;
  return work_to_the_end(take_in(lines));
}

aio::Coro<void> Run::work_to_the_end(aio::Coro<void> intake) {
  intake_ = loop_.create_task(std::move(intake), "intake");
  if (deadline_) stop(*deadline_);  // the stop was there first
  const std::vector<aio::Task<void>> tasks = start_tasks();
  const auto notify = [this](const aio::AnyFuture&) { changed_.notify(); };
  intake_.add_done_callback(notify);
  for (const aio::Task<void>& task : tasks) task.add_done_callback(notify);
  const auto has_failed = [](const aio::Task<void>& task) { return task.done(); };
  co_await changed_.until([this, &tasks, &has_failed] {
    return is_idle() || std::any_of(tasks.begin(), tasks.end(), has_failed);
  });
  finished_ = true;
  take_delivered();   // if a task has failed there may be something
  changed_.notify();  // the tasks wait for the end
  for (const aio::Task<void>& task : tasks) co_await task;
  if (!intake_.cancelled()) co_await intake_;
}

/// The tasks that go on until everything has ended. One that ends before has failed.
std::vector<aio::Task<void>> Run::start_tasks() {
  std::vector<aio::Task<void>> tasks;
  for (unsigned i = 1; i <= pool_.max_workers(); ++i) {
    tasks.push_back(loop_.create_task(worker(), "worker " + std::to_string(i)));
  }
  tasks.push_back(loop_.create_task(check_on_loop(), "checks on the loop"));
  tasks.push_back(loop_.create_task(admit_arrivals(), "admission"));
  return tasks;
}

/// What is for the loop starts at once, wherever it stands; what is for the pool waits for its
/// turn.
aio::Coro<void> Run::take_in(std::vector<Job> jobs) {
  const auto is_for_loop = [this](const Job& job) {
    return executor_of(job, options_.executor) == Executor::loop;
  };
  const auto for_loop = std::stable_partition(jobs.begin(), jobs.end(), std::not_fn(is_for_loop));
  std::move(for_loop, jobs.end(), std::back_inserter(arrivals_));
  jobs.erase(for_loop, jobs.end());
  changed_.notify();
  Batch batch;
  for (Job& job : jobs) {
    if (auto* const prime = std::get_if<Prime>(&job.work)) {
      batch.emplace_back(std::move(job.id), std::move(*prime));
      if (batch.size() == batch_jobs) co_await enqueue(std::exchange(batch, {}));
    } else {
      if (!batch.empty()) co_await enqueue(std::exchange(batch, {}));
      co_await enqueue(CountdownRun(std::move(job.id), std::get<Countdown>(job.work)));
    }
  }
  if (!batch.empty()) co_await enqueue(std::move(batch));
}

aio::Coro<void> Run::admit_arrivals() {
  for (;;) {
    co_await changed_.until(
        [this] { return arrivals_.empty() ? finished_ : has_room_for(arrivals_.front()); });
    if (arrivals_.empty()) co_return;
    admit(std::move(arrivals_.front()));
    arrivals_.pop_front();
    changed_.notify();
  }
}

bool Run::has_room_for(const Job& job) const {
  const bool on_loop = executor_of(job, options_.executor) == Executor::loop;
  return !on_loop || open_ < options_.max_open_jobs;
}

/// For the jobs that do not travel in batches: those of the loop, and a pool's countdown.
void Run::admit(Job job) {
  const bool on_loop = executor_of(job, options_.executor) == Executor::loop;
  if (on_loop) ++open_;
  if (const auto* const countdown = std::get_if<Countdown>(&job.work)) {
    CountdownRun run(std::move(job.id), *countdown);
    if (on_loop) {
      start_countdown(std::move(run));
    } else {
      queue_.emplace_back(std::move(run));
      others_wait_ = true;
    }
  } else {
    loop_checks_.emplace_back(std::move(job.id), std::get<Prime>(std::move(job.work)));
  }
  changed_.notify();
}

aio::Coro<void> Run::enqueue(Item item) {
  co_await changed_.until([this] { return has_room(); });
  queue_.push_back(std::move(item));
  others_wait_ = true;
  changed_.notify();
}

/// Whether another batch or chunk may wait for a worker.
bool Run::has_room() const {
  return queue_.size() + feed_.size() < pool_.max_workers() * queued_items_per_worker;
}

// --- On the loop

void Run::start_countdown(CountdownRun run) {
  const auto countdown = countdowns_.insert(countdowns_.end(), {std::move(run), nullptr});
  const aio::Task<void> task =
      loop_.create_task(count_down_on_loop(countdown), "countdown " + countdown->run.id());
  countdown->interrupt = [task] { task.cancel("the program was told to stop"); };
}

aio::Coro<void> Run::count_down_on_loop(OpenCountdowns::iterator countdown) {
  countdown->run.start(loop_.time());
  try {
    co_await count_down(countdown->run, output_);
  } catch (const aio::CancelledError&) {
    aio::current_task().uncancel();  // told to stop: the record says so
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

/// All checks on the loop, in turn, one step of one of them a turn of the loop: whatever else
/// becomes ready waits for one step at most.
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
  bool had_lines = false;
  for (;;) {
    co_await changed_.until([this] { return finished_ || !queue_.empty() || !feed_.empty(); });
    if (finished_) co_return;
    if (output_.is_congested()) co_await output_.ready();
    // Lines go before checks, so that what they hold for the loop starts, and what is wrong with
    // them is told, however long the checks before them take. A check that has begun comes after
    // each chunk all the same: lines may arrive without end.
    const bool begun_first = had_lines && !queue_.empty() && has_begun(queue_.front());
    std::optional<Lines> lines = begun_first ? std::nullopt : feed_.pop();
    had_lines = lines.has_value();
    if (!lines && queue_.empty()) continue;  // stopped meanwhile, or another worker was faster
    ++busy_workers_;
    if (lines) {
      changed_.notify();
      co_await work_lines(*std::move(lines));
    } else {
      Item item = std::move(queue_.front());
      queue_.pop_front();
      changed_.notify();
      co_await work_item(std::move(item));
    }
    --busy_workers_;
    changed_.notify();
  }
}

aio::Coro<void> Run::work_item(Item item) {
  if (auto* const countdown = std::get_if<CountdownRun>(&item)) {
    return count_down_on_pool(std::move(*countdown));
  }
  return work_batch(std::get<Batch>(std::move(item)));
}

aio::Coro<void> Run::count_down_on_pool(CountdownRun run) {
  std::stop_source stop;
  run.start(loop_.time());
  const auto interrupt_it = [stop]() mutable { stop.request_stop(); };
  const auto countdown = countdowns_.insert(countdowns_.end(), {run, interrupt_it});
  auto future = loop_.run_in_executor(pool_, count_down_blocking, std::move(run), std::ref(loop_),
                                      std::ref(output_), stop.get_token());
  countdown->run = co_await std::move(future);
  end_countdown(countdown);
}

// --- Accounts

bool Run::is_idle() const {
  return intake_.done() && arrivals_.empty() && feed_.empty() && queue_.empty() &&
         loop_checks_.empty() && countdowns_.empty() && busy_workers_ == 0 && delivered_.empty();
}

std::size_t Run::begun_checks() const {
  const auto in_queue = std::count_if(queue_.begin(), queue_.end(), has_begun);
  const auto on_loop = std::count_if(loop_checks_.begin(), loop_checks_.end(),
                                     [](const PrimeRun& run) { return run.has_started(); });
  return begun_in_slices_ + static_cast<std::size_t>(in_queue + on_loop);
}

Counts Run::counts() const {
  Counts counts = counts_;
  counts.left = counts.accepted - counts.succeeded - counts.failed - counts.timed_out -
                counts.cancelled - counts.interrupted - counts.skipped;
  return counts;
}

bool Run::left_work() const {
  // What is in a chunk of lines is not accepted before the chunk is back.
  const bool is_under_way = busy_workers_ > 0 || !delivered_.empty();
  const Counts now = counts();
  return is_under_way || cut_short_ || now.interrupted > 0 || now.left > 0;
}

}  // namespace jobs
