#include <uv.h>

#include <algorithm>

#include "aio/detail/pool_work.hpp"
#include "loop_core.hpp"
#include "pool.hpp"
#include "work_batch.hpp"

namespace aio::detail {

namespace {

constexpr const char* in_use = "the executor is in use by another loop";

/// What travels together at least, if so many wait: fewer would cost more to send than to make.
constexpr std::size_t batch_size_min = 16;

/// About what it takes to wake a worker, and the loop after it. Work that takes less is not worth a
/// worker of its own while another is at the like of it.
constexpr std::uint64_t worth_waking_ns = 20'000;

/// Stands for the time at which work was queued that found a free worker.
constexpr TimePoint never_queued = TimePoint::max();

LoopCore& core_of(LoopState& loop) { return static_cast<LoopCore&>(loop); }

}  // namespace

void ThreadWork::cancel() noexcept {
  std::uint64_t holder = batch_ ? batch_->number : queued;
  if (holder_.compare_exchange_strong(holder, withdrawn)) {
    queue_->on_withdrawn(*this);
    deliver();
  } else {
    stop_.request_stop();
  }
}

PoolQueue::PoolQueue(std::shared_ptr<pool::Reservation> threads)
    : threads_(std::move(threads)), max_workers_(threads_->workers()) {}

PoolQueue::~PoolQueue() = default;

// --- In

void PoolQueue::submit(Ref<ThreadWork>& work, PoolOptions options) {
  if (shut_down_) throw RuntimeError("cannot schedule new futures after shutdown");
  LoopState& loop = work->loop();
  begin_use(loop);
  const bool gathers = options.is_small() && loop.is_running();
  const bool starts = !gathers && has_free_worker() && waiting_.empty();
  work->queue_ = this;
  work->is_small_ = options.is_small();
  work->priority_ = options.priority();
  work->queued_at_ = starts ? never_queued : gathers ? loop.turn_time : loop.now();
  ++statistics_.submitted;
  ++statistics_.queued;
  if (!options.is_small()) ++others_waiting_;
  waiting_.push(options.priority(), std::move(work));
  if (gathers && waiting_.first_count() < WorkBatch::size_max) {
    core_of(loop).has_gathered_calls = true;  // it sends them at the end of the turn
  } else {
    start_waiting();
  }
}

void PoolQueue::begin_use(LoopState& loop) {
  LoopState* user = user_.load(std::memory_order_relaxed);
  if (user == &loop) return;
  user = nullptr;
  if (!user_.compare_exchange_strong(user, &loop)) throw RuntimeError(in_use);
  core_of(loop).add_pool(*this);
}

void PoolQueue::end_use() {
  LoopCore& loop = core_of(*user_);
  const std::vector<Future<void>> waiters = std::exchange(idle_waiters_, {});
  user_ = nullptr;  // from here on another loop may use the queue
  for (const Future<void>& waiter : waiters) {
    if (!waiter.done()) waiter.set_result();
  }
  loop.remove_pool(*this);  // which may free it
}

// --- Out

void PoolQueue::start_waiting() {
  if (shared_batches_ > 0) has_free_worker() ? take_back_more_urgent() : take_back_less_urgent();
  while (has_free_worker() && !waiting_.empty() && !is_held_back()) start_first();
  if (travelling_.empty() && !first_arrived_) end_use();
}

/// Whether what waits had better leave when a batch of its like has come back: all of it together
/// takes less time than to wake a worker for it.
bool PoolQueue::is_held_back() const {
  if (shared_batches_ == 0 || others_waiting_ > 0) return false;
  if (waiting_.first_count() * small_call_ns_ > worth_waking_ns) return false;
  const int priority = waiting_.first_priority();
  return std::any_of(travelling_.begin(), travelling_.end(), [priority](const auto& batch) {
    return batch->is_shared() && !batch->is_slow && batch->priority >= priority;
  });
}

Ref<ThreadWork> PoolQueue::pop_waiting() {
  Ref<ThreadWork> work = waiting_.pop();
  if (!work->is_small_) --others_waiting_;
  return work;
}

/// Sends a batch of what is first in the queue.
void PoolQueue::start_first() {
  if (waiting_.first().is_withdrawn()) return static_cast<void>(pop_waiting());
  if (spare_.empty()) spare_.push_back(std::make_unique<WorkBatch>(*this));
  WorkBatch& batch = *travelling_.emplace_back(std::move(spare_.back()));
  spare_.pop_back();
  batch.reset(next_number_++, travelling_.size() - 1);
  fill(batch);
  LoopCore& loop = core_of(*user_);
  if (batch.is_shared()) {
    ++shared_batches_;
    loop.pool_watch.start();
  }
  batch.send(loop.poller.uv());
}

/// A call by itself; or small ones: so many that there are some for every worker, or that they are
/// worth the trip.
void PoolQueue::fill(WorkBatch& batch) {
  const ThreadWork& first = waiting_.first();
  const std::size_t share = (waiting_.first_count() + max_workers_ - 1) / max_workers_;
  const std::size_t wanted = std::max<std::size_t>(share, worth_waking_ns / small_call_ns_);
  const std::size_t size =
      first.is_small_ ? std::clamp(wanted, batch_size_min, WorkBatch::size_max) : 1;
  if (first.queued_at_ != never_queued) {
    const Duration waited = first.loop().now() - first.queued_at_;
    statistics_.longest_wait = std::max(statistics_.longest_wait, waited);
  }
  batch.priority = waiting_.first_priority();
  do {
    Ref<ThreadWork> work = pop_waiting();
    if (work->is_withdrawn()) continue;
    --statistics_.queued;
    ++batch.held;
    work->batch_ = &batch;
    work->holder_.store(batch.number, std::memory_order_relaxed);
    batch.add(std::move(work));
  } while (batch.size() < size && !waiting_.empty() &&
           waiting_.first_priority() == batch.priority && waiting_.first().is_small_);
}

// --- Back

void PoolQueue::on_returned(WorkBatch& batch) {
  take(batch, batch.size());
  if (batch.is_shared()) {
    --shared_batches_;
    learn(batch.duration_ns / batch.size());
  }
  const std::size_t index = batch.index;
  spare_.push_back(std::move(travelling_[index]));
  if (index + 1 < travelling_.size()) {
    travelling_[index] = std::move(travelling_.back());
    travelling_[index]->index = index;
  }
  travelling_.pop_back();
  start_waiting();
}

/// Quick to believe that calls are short: that one takes long may be the scheduler's doing.
void PoolQueue::learn(std::uint64_t call_ns) {
  const bool is_first = small_call_ns_ == unknown_ns;
  const std::uint64_t weight = is_first ? 0 : call_ns < small_call_ns_ ? 1 : 3;
  small_call_ns_ = std::max<std::uint64_t>(1, (weight * small_call_ns_ + call_ns) / (weight + 1));
}

/// Takes what stands before `end`, where the worker has been.
void PoolQueue::take(WorkBatch& batch, std::size_t end) {
  while (batch.taken() < end) {
    Ref<ThreadWork> work = batch.take_next();
    if (work->batch_ != &batch) continue;  // it was taken back
    work->batch_ = nullptr;
    if (work->is_withdrawn()) continue;
    --batch.held;
    ++statistics_.completed;
    work->next_in_queue = nullptr;
    if (!first_arrived_) {
      add_ref();  // the ready queue's
      user_.load()->ready.push(*this);
    }
    ThreadWork* const arrived = work.detach();
    (first_arrived_ ? last_arrived_->next_in_queue : first_arrived_) = arrived;
    last_arrived_ = arrived;
  }
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
  if (travelling_.empty() && waiting_.empty()) end_use();
}

// --- Calls that travel with others

bool PoolQueue::look_after_batches() {
  bool again = false;
  for (const auto& batch : travelling_) {
    if (!batch->is_shared()) continue;
    const std::size_t passed = batch->passed();
    take(*batch, passed);
    batch->is_slow = batch->passed_when_seen != WorkBatch::never_seen;
    if (passed == batch->passed_when_seen) {
      take_back(*batch, batch->waiting());
    } else if (has_free_worker() && waiting_.empty()) {
      take_back(*batch, (batch->waiting() + 1) / 2);
    }
    batch->passed_when_seen = passed;
    // Until it is known to be slow, it may hold back what comes later.
    again = again || batch->held > 1 || !batch->is_slow;
  }
  start_waiting();  // the last that is done here: it may free the queue
  return again;
}

/// Puts the last `count` that have not begun back into the queue, before all that came later.
void PoolQueue::take_back(WorkBatch& batch, std::size_t count) {
  for (std::size_t place = batch.size(); count > 0 && place > batch.passed(); --place) {
    ThreadWork& work = batch.at(place - 1);
    if (work.batch_ != &batch) continue;
    std::uint64_t holder = batch.number;
    if (!work.holder_.compare_exchange_strong(holder, ThreadWork::queued)) continue;
    work.batch_ = nullptr;
    --batch.held;
    --count;
    ++statistics_.queued;
    waiting_.push_front(batch.priority, Ref<ThreadWork>(work));
  }
}

/// Where no worker is free: what is more urgent than calls that have been sent goes before them.
void PoolQueue::take_back_less_urgent() {
  if (waiting_.empty()) return;
  const int priority = waiting_.first_priority();
  for (const auto& batch : travelling_) {
    if (!batch->is_shared() || batch->priority >= priority) continue;
    take(*batch, batch->passed());  // so that it is not counted over again
    take_back(*batch, batch->waiting());
  }
}

/// Where a worker is free, and all that waits is less urgent than calls behind another worker: it
/// helps with those first.
void PoolQueue::take_back_more_urgent() {
  if (waiting_.empty()) return;
  const int priority = waiting_.first_priority();
  for (const auto& batch : travelling_) {
    if (!batch->is_shared() || batch->priority <= priority) continue;
    take(*batch, batch->passed());
    const std::size_t count = batch->waiting();
    if (count > 0) return take_back(*batch, (count + 1) / 2);
  }
}

// --- Accounts

void PoolQueue::cancel_all() noexcept {
  std::vector<Ref<ThreadWork>> works;  // what is dropped with them may submit more
  waiting_.for_each([&works](ThreadWork& work) { works.emplace_back(work); });
  for (const auto& batch : travelling_) {
    for (std::size_t place = batch->taken(); place < batch->size(); ++place) {
      works.emplace_back(batch->at(place));
    }
  }
  for (const Ref<ThreadWork>& work : works) work->cancel();
}

void PoolQueue::on_withdrawn(const ThreadWork& work) {
  ++statistics_.cancelled;
  --(work.batch_ ? work.batch_->held : statistics_.queued);
}

PoolStatistics PoolQueue::statistics() const {
  PoolStatistics now = statistics_;
  now.max_workers = max_workers_;
  for (const auto& batch : travelling_) {
    now.queued += batch->waiting();
  }
  now.running = now.submitted - now.completed - now.cancelled - now.queued;
  return now;
}

Future<void> PoolQueue::when_idle(LoopState& loop) {
  const LoopState* const user = user_;
  if (user && user != &loop) throw RuntimeError(in_use);
  Future<void> idle(make_ref<FutureState<void>>(loop));
  user ? idle_waiters_.push_back(idle) : idle.set_result();
  return idle;
}

}  // namespace aio::detail
