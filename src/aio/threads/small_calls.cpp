#include "aio/threads/small_calls.hpp"

#include <algorithm>

#include "aio/detail/pool_queue.hpp"
#include "aio/loop/loop_core.hpp"
#include "aio/threads/take_out.hpp"

namespace aio::detail {

namespace {

/// The least size of a batch, if so many calls wait: fewer would cost more to send than to make.
constexpr std::size_t batch_size_min = 16;

/// About the time that it takes to wake a worker, and the loop after it. Calls that take less are
/// not worth a worker of their own while another makes calls of the same kind.
constexpr std::uint64_t worth_waking_ns = 20'000;

}  // namespace

// --- Out

/// That is so where all of them together take less time than waking a worker.
bool SmallCalls::holds_back(const WorkExchange::Front& front) const {
  if (shared_batches_ == 0 || front.has_other) return false;
  if (front.count * small_call_ns_ > worth_waking_ns) return false;
  return std::any_of(travelling_.begin(), travelling_.end(), [&front](const auto& batch) {
    return batch->is_shared() && !batch->is_slow && batch->priority >= front.priority;
  });
}

/// As many calls as make a fair share for every worker, and at least as many as are worth the trip.
std::size_t SmallCalls::wanted_size(const WorkExchange::Front& front) const {
  const std::size_t workers = queue_.max_workers();
  const std::size_t share = (front.count + workers - 1) / workers;
  const std::size_t wanted = std::max<std::size_t>(share, worth_waking_ns / small_call_ns_);
  return std::clamp(wanted, batch_size_min, WorkBatch::size_max);
}

void SmallCalls::send(const WorkExchange::Front& front, LoopState& loop) {
  if (spare_.empty()) spare_.push_back(std::make_unique<WorkBatch>(*this));
  WorkBatch& batch = *spare_.back();
  batch.reset(next_number_++, travelling_.size());
  exchange_.take_small(batch, wanted_size(front), loop.now());
  if (batch.size() == 0) return;  // a worker was there before
  travelling_.push_back(std::move(spare_.back()));
  spare_.pop_back();
  LoopCore& core = core_of(loop);
  if (batch.is_shared()) {
    ++shared_batches_;
    keep_workers_from_less_urgent();
    if (!core.is_closed()) core.outside_watch.start();
  }
  batch.send(core.poller.uv());
}

// --- Back

void SmallCalls::on_returned(WorkBatch& batch) {
  take(batch, batch.size());
  const bool was_shared = batch.is_shared();
  if (was_shared) {
    --shared_batches_;
    learn(batch.duration_ns / batch.size());
  }
  spare_.push_back(take_out(travelling_, batch.index));
  if (was_shared) keep_workers_from_less_urgent();
  queue_.start_waiting();  // the last that is done here: it may free the queue
}

/// Quick to believe that calls are short: that one takes long may be the scheduler's doing.
void SmallCalls::learn(std::uint64_t call_ns) {
  const bool is_first = small_call_ns_ == unknown_ns;
  const std::uint64_t weight = is_first ? 0 : call_ns < small_call_ns_ ? 1 : 3;
  small_call_ns_ = std::max<std::uint64_t>(1, (weight * small_call_ns_ + call_ns) / (weight + 1));
}

/// Takes the calls before `end`, which the worker has passed.
void SmallCalls::take(WorkBatch& batch, std::size_t end) {
  while (batch.taken() < end) {
    Ref<ThreadWork> work = batch.take_next();
    if (work->batch_ != &batch) continue;  // it was taken back
    if (!work->is_withdrawn()) --batch.held;
    queue_.on_arrived(std::move(work));
  }
}

// --- Those that wait behind others

bool SmallCalls::look_after() {
  bool again = false;
  for (const auto& batch : travelling_) {
    if (!batch->is_shared()) continue;
    const std::size_t passed = batch->passed();
    take(*batch, passed);
    batch->is_slow = batch->passed_when_seen != WorkBatch::never_seen;
    if (passed == batch->passed_when_seen) {
      take_back(*batch, batch->waiting());
    } else if (queue_.has_free_worker() && exchange_.empty()) {
      take_back(*batch, (batch->waiting() + 1) / 2);
    }
    batch->passed_when_seen = passed;
    // Until the batch is known to be slow, it may hold back later calls.
    again = again || batch->held > 1 || !batch->is_slow;
  }
  if (shared_batches_ > 0) keep_workers_from_less_urgent();
  return again;
}

void SmallCalls::keep_order() {
  if (const std::optional<int> priority = exchange_.first_priority()) {
    queue_.has_free_worker() ? take_back_more_urgent(*priority) : take_back_less_urgent(*priority);
  }
}

/// Puts the last `count` that have not begun back into the queue, before all that came later.
void SmallCalls::take_back(WorkBatch& batch, std::size_t count) {
  for (std::size_t place = batch.size(); count > 0 && place > batch.passed(); --place) {
    ThreadWork& work = batch.at(place - 1);
    if (work.batch_ != &batch) continue;
    std::uint64_t holder = batch.number;
    if (!work.holder_.compare_exchange_strong(holder, ThreadWork::queued)) continue;
    work.batch_ = nullptr;
    --batch.held;
    --count;
    exchange_.put_back(batch.priority, Ref<ThreadWork>(work));
  }
}

/// Where no worker is free: calls that were sent make way for more urgent ones.
void SmallCalls::take_back_less_urgent(int priority) {
  for (const auto& batch : travelling_) {
    if (!batch->is_shared() || batch->priority >= priority) continue;
    take(*batch, batch->passed());  // so that it is not counted over again
    take_back(*batch, batch->waiting());
  }
}

/// Where a worker is free, and all that waits is less urgent than calls behind another worker: it
/// helps with those first.
void SmallCalls::take_back_more_urgent(int priority) {
  for (const auto& batch : travelling_) {
    if (!batch->is_shared() || batch->priority <= priority) continue;
    take(*batch, batch->passed());
    const std::size_t count = batch->waiting();
    if (count > 0) return take_back(*batch, (count + 1) / 2);
  }
}

/// A worker that takes call after call leaves those that are less urgent than calls in a batch to
/// the loop, which has it help with the batch first.
void SmallCalls::keep_workers_from_less_urgent() {
  int least = INT_MIN;
  for (const auto& batch : travelling_) {
    if (batch->is_shared() && batch->waiting() > 0) least = std::max(least, batch->priority);
  }
  if (least == least_priority_) return;
  least_priority_ = least;
  exchange_.set_least_priority(least);
}

// --- Accounts

std::size_t SmallCalls::waiting() const {
  std::size_t count = 0;
  for (const auto& batch : travelling_) count += batch->waiting();
  return count;
}

void SmallCalls::copy(std::vector<Ref<ThreadWork>>& works) const {
  for (const auto& batch : travelling_) {
    for (std::size_t place = batch->taken(); place < batch->size(); ++place) {
      works.emplace_back(batch->at(place));
    }
  }
}

}  // namespace aio::detail
