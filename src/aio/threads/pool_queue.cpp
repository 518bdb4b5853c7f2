#include "aio/detail/pool_queue.hpp"

#include <algorithm>

#include "aio/loop/loop_core.hpp"
#include "aio/threads/pool.hpp"
#include "aio/threads/pool_worker.hpp"
#include "aio/threads/small_calls.hpp"
#include "aio/threads/take_out.hpp"
#include "aio/threads/work_exchange.hpp"

namespace aio::detail {

PoolQueue::PoolQueue(std::shared_ptr<pool::Reservation> threads)
    : threads_(std::move(threads)),
      max_workers_(threads_->workers()),
      exchange_(std::make_unique<WorkExchange>()),
      small_calls_(std::make_unique<SmallCalls>(*this, *exchange_)) {}

PoolQueue::~PoolQueue() = default;

// --- In

void PoolQueue::submit(Ref<ThreadWork>& work, PoolOptions options) {
  if (shut_down_) throw RuntimeError("cannot schedule new futures after shutdown");
  LoopState& loop = work->loop();
  begin_use(loop);
  const bool gathers = options.is_small() && loop.is_running();
  work->queue_ = this;
  work->is_small_ = options.is_small();
  work->priority_ = options.priority();
  // Virtual time stands still meanwhile.
  work->queued_at_ = core_of(loop).has_virtual_time() ? never_queued
                     : gathers                        ? loop.turn_time
                                                      : loop.now();
  ++statistics_.submitted;
  const std::size_t count = exchange_->push(std::move(work), !gathers && has_free_worker());
  if (gathers && count < WorkBatch::size_max) {
    core_of(loop).outside.has_gathered = true;  // it sends them at the end of the turn
  } else if (has_free_worker() || small_calls_->has_shared()) {
    start_waiting();
  }
}

// --- Out

bool PoolQueue::has_free_worker() const {
  return workers_.size() + small_calls_->batches() < max_workers_;
}

/// Whether no worker is out and nothing has to be delivered.
bool PoolQueue::is_idle() const {
  return workers_.empty() && small_calls_->batches() == 0 && !first_arrived_;
}

void PoolQueue::start_waiting() {
  if (small_calls_->has_shared()) small_calls_->keep_order();
  while (has_free_worker() && start_next()) {
  }
  if (is_idle()) end_use();
}

/// Sends a worker for the first calls, if they are not held back.
bool PoolQueue::start_next() {
  const std::optional<WorkExchange::Front> front = exchange_->front();
  if (!front || small_calls_->holds_back(*front)) return false;
  front->is_small ? small_calls_->send(*front, *user()) : send_worker();
  return true;
}

void PoolQueue::send_worker() {
  if (spare_.empty()) spare_.push_back(std::make_unique<PoolWorker>(*this, *exchange_));
  PoolWorker& worker = *workers_.emplace_back(std::move(spare_.back()));
  spare_.pop_back();
  worker.index = workers_.size() - 1;
  exchange_->expect_worker();
  worker.send(core_of(*user()).poller, worker_turn_);
}

// --- Back

void PoolQueue::on_returned(PoolWorker& worker) {
  take_done();
  if (worker.work) on_arrived(std::move(worker.work));
  spare_.push_back(take_out(workers_, worker.index));
  start_waiting();
}

void PoolQueue::take_done() {
  if (workers_.empty()) return;
  ThreadWork* next = exchange_->take_done();
  while (next) on_arrived(Ref<ThreadWork>::adopt(std::exchange(next, next->next_in_queue)));
}

void PoolQueue::on_arrived(Ref<ThreadWork> work) {
  work->batch_ = nullptr;
  if (work->is_withdrawn()) return;
  ++statistics_.completed;
  work->next_in_queue = nullptr;
  if (!first_arrived_) {
    add_ref();  // the ready queue's
    user()->ready.push(*this);
  }
  ThreadWork* const arrived = work.detach();
  (first_arrived_ ? last_arrived_->next_in_queue : first_arrived_) = arrived;
  last_arrived_ = arrived;
}

void PoolQueue::run() noexcept {
  const auto self = Ref<PoolQueue>::adopt(this);
  ThreadWork* next = std::exchange(first_arrived_, nullptr);
  while (next) {
    ThreadWork& work = *next;
    next = work.next_in_queue;
    work.run();
  }
  // Not before: another loop's work would arrive among this one's.
  if (is_idle() && exchange_->empty()) end_use();
}

bool PoolQueue::look_after() {
  const bool again = small_calls_->look_after();
  start_waiting();  // the last that is done here: it may free the queue
  return again;
}

// --- Accounts

void PoolQueue::cancel_all() noexcept {
  std::vector<Ref<ThreadWork>> works;  // a copy: arguments that are dropped may submit more
  exchange_->copy_waiting(works);      // before those that run, which they may become
  small_calls_->copy(works);
  for (const auto& worker : workers_) {
    if (Ref<ThreadWork> work = exchange_->copy(worker->work)) works.push_back(std::move(work));
  }
  for (const Ref<ThreadWork>& work : works) work->cancel();
}

void PoolQueue::on_withdrawn(const ThreadWork& work) {
  ++statistics_.cancelled;
  if (work.batch_) {
    --work.batch_->held;
  } else {
    exchange_->on_withdrawn();
  }
}

PoolStatistics PoolQueue::statistics() const {
  const WorkExchange::Numbers waiting = exchange_->numbers();
  PoolStatistics now = statistics_;
  now.max_workers = max_workers_;
  now.queued = waiting.queued + small_calls_->waiting();
  now.running = now.submitted - now.completed - now.cancelled - now.queued;
  now.longest_wait = waiting.longest_wait;
  return now;
}

}  // namespace aio::detail
