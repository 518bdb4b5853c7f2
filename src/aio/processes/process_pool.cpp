#include "aio/detail/process_pool.hpp"

#include <algorithm>
#include <thread>

#include "aio/loop/loop_core.hpp"
#include "aio/process_pool_executor.hpp"
#include "aio/processes/worker.hpp"

namespace aio {

namespace detail {

namespace {

/// How often a call is sent to a worker that then ends before it makes it.
constexpr int attempts_max = 3;

}  // namespace

void ProcessWork::cancel() noexcept {
  if (stage_ == Stage::ended || stage_ == Stage::withdrawn) return;
  pool_->cancel(*this);
  if (stage_ == Stage::withdrawn) deliver();
}

ProcessPool::ProcessPool(unsigned max_workers) : max_workers_(max_workers) {
  if (max_workers < 1) throw ValueError("max_workers must be greater than 0");
}

ProcessPool::~ProcessPool() = default;

void ProcessPool::submit(Ref<ProcessWork> work, int priority) {
  if (shut_down_) throw RuntimeError("cannot schedule new futures after shutdown");
  begin_use(work->loop());
  work->pool_ = this;
  work->priority_ = priority;
  ++statistics_.submitted;
  if (!waiting_.empty() || !can_start()) return queue(std::move(work));
  start(std::move(work));
  settle();  // it may not have started
}

void ProcessPool::queue(Ref<ProcessWork> work) {
  work->stage_ = ProcessWork::Stage::queued;
  work->queued_at_ = work->loop().now();
  ++statistics_.queued;
  const int priority = work->priority_;
  waiting_.push(priority, std::move(work));
}

WorkerProcess* ProcessPool::find_idle_worker() const {
  const auto found = std::find_if(workers_.begin(), workers_.end(),
                                  [](const auto& worker) { return worker->is_idle(); });
  return found == workers_.end() ? nullptr : found->get();
}

bool ProcessPool::can_start() const { return workers_.size() < max_workers_ || find_idle_worker(); }

WorkerProcess& ProcessPool::add_worker(LoopState& loop) {
  workers_.push_back(std::make_unique<WorkerProcess>(*this, core_of(loop).poller.uv()));
  return *workers_.back();
}

void ProcessPool::start(Ref<ProcessWork> work) {
  work->stage_ = ProcessWork::Stage::running;
  ++work->attempts_;
  try {
    WorkerProcess* worker = find_idle_worker();
    if (!worker) worker = &add_worker(work->loop());
    work->worker_ = worker;
    worker->start(work);
  } catch (...) {
    end_work(std::move(work), std::current_exception());
  }
}

void ProcessPool::start_waiting() {
  while (!waiting_.empty() && can_start()) {
    auto work = waiting_.pop();
    if (work->stage_ == ProcessWork::Stage::withdrawn) continue;
    --statistics_.queued;
    const Duration waited = work->loop().now() - work->queued_at_;
    statistics_.longest_wait = std::max(statistics_.longest_wait, waited);
    start(std::move(work));
  }
  settle();
}

bool ProcessPool::is_idle() const {
  return waiting_.empty() && std::none_of(workers_.begin(), workers_.end(),
                                          [](const auto& worker) { return worker->has_work(); });
}

// Called when a call or a worker has ended and no other call waits. May free the pool.
void ProcessPool::settle() {
  if (!is_idle()) return;
  if (shut_down_) end_workers();
  if (workers_.empty()) return end_use();
  if (!is_ending()) tell_idle();
}

void ProcessPool::cancel(ProcessWork& work) noexcept {
  if (work.stage_ == ProcessWork::Stage::queued) {
    work.stage_ = ProcessWork::Stage::withdrawn;
    ++statistics_.cancelled;
    --statistics_.queued;
  } else {
    work.killed_ = true;
    work.worker_->kill();
  }
}

void ProcessPool::end_work(Ref<ProcessWork> work, ProcessReply reply) {
  work->stage_ = ProcessWork::Stage::ended;
  work->worker_ = nullptr;
  work->reply_ = std::move(reply);
  ++statistics_.completed;
  LoopState& loop = work->loop();
  loop.ready.push(*work.detach());
}

void ProcessPool::on_reply(Ref<ProcessWork> work, ProcessReply reply) {
  end_work(std::move(work), std::move(reply));
  start_waiting();
}

void ProcessPool::on_worker_end(WorkerProcess& worker, Ref<ProcessWork> work, bool was_called,
                                const std::string& how) {
  const Ref<ProcessPool> self(*this);  // the loop's reference may go with the last worker
  std::erase_if(workers_, [&worker](const auto& other) { return other.get() == &worker; });
  if (work && work->killed_) {
    end_work(std::move(work), {});
  } else if (work && (was_called || work->attempts_ == attempts_max)) {
    end_work(std::move(work), std::make_exception_ptr(BrokenProcessPool(how)));
  } else if (work) {
    work->worker_ = nullptr;
    queue(std::move(work));
  }
  start_waiting();
}

// --- For the loop

OutsideWork::Claim ProcessPool::claim() const {
  if (!is_idle()) return Claim::loop;
  return is_ending() ? Claim::time : Claim::nothing;
}

void ProcessPool::cancel_all() noexcept {
  std::vector<Ref<ProcessWork>> works;  // a copy: arguments that are dropped may submit more
  waiting_.for_each([&works](ProcessWork& work) { works.emplace_back(work); });
  for (const auto& worker : workers_) {
    if (worker->has_work()) works.push_back(worker->work());
  }
  for (const Ref<ProcessWork>& work : works) work->cancel();
}

bool ProcessPool::end(bool by_force) noexcept {
  if (by_force) {
    for (const auto& worker : workers_) worker->kill();
  } else {
    end_workers();
  }
  return workers_.empty();
}

void ProcessPool::end_workers() noexcept {
  for (const auto& worker : workers_) {
    if (worker->is_idle()) worker->hang_up();
  }
}

void ProcessPool::shut_down() {
  shut_down_ = true;
  settle();
}

PoolStatistics ProcessPool::statistics() const {
  PoolStatistics now = statistics_;
  now.max_workers = max_workers_;
  now.running = now.submitted - now.completed - now.cancelled - now.queued;
  return now;
}

}  // namespace detail

class ProcessPoolExecutor::Owner {
 public:
  explicit Owner(detail::ProcessPool& pool) : pool_(pool) {}
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  ~Owner() { pool_->shut_down(); }

 private:
  detail::Ref<detail::ProcessPool> pool_;
};

ProcessPoolExecutor::ProcessPoolExecutor()
    : ProcessPoolExecutor(std::max(1U, std::thread::hardware_concurrency())) {}

ProcessPoolExecutor::ProcessPoolExecutor(unsigned max_workers)
    : pool_(detail::make_ref<detail::ProcessPool>(max_workers)),
      owner_(std::make_shared<Owner>(*pool_)) {}

void ProcessPoolExecutor::shutdown() const { pool_->shut_down(); }

unsigned ProcessPoolExecutor::max_workers() const { return pool_->max_workers(); }

PoolStatistics ProcessPoolExecutor::statistics() const { return pool_->statistics(); }

Coro<void> ProcessPoolExecutor::join() const {
  const ProcessPoolExecutor self = *this;
  auto idle = self.pool_->when_idle(detail::require_running_loop());
  co_await std::move(idle);
}

}  // namespace aio
