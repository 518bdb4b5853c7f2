#include "aio/threads/work_exchange.hpp"

#include <algorithm>

#include "aio/threads/work_batch.hpp"

namespace aio::detail {

// --- The loop's side

std::size_t WorkExchange::push(Ref<ThreadWork> work, bool has_free_worker) {
  const std::lock_guard lock(mutex_);
  if (has_free_worker && queued_ <= expected_) work->queued_at_ = never_queued;
  const int priority = work->priority_;
  const bool is_small = work->is_small_;
  waiting_.push(priority, std::move(work));
  ++queued_;
  if (!is_small) ++others_;
  return waiting_.first_count();
}

void WorkExchange::put_back(int priority, Ref<ThreadWork> work) {
  const std::lock_guard lock(mutex_);
  ++queued_;
  waiting_.push_front(priority, std::move(work));
}

void WorkExchange::on_withdrawn() {
  const std::lock_guard lock(mutex_);
  --queued_;
}

bool WorkExchange::empty() const {
  const std::lock_guard lock(mutex_);
  return waiting_.empty();
}

std::optional<WorkExchange::Front> WorkExchange::front() {
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty() && waiting_.first().is_withdrawn()) static_cast<void>(pop());
  if (queued_ <= expected_) return std::nullopt;
  return Front{waiting_.first_priority(), waiting_.first_count(), waiting_.first().is_small_,
               others_ > 0};
}

std::optional<int> WorkExchange::first_priority() const {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  return waiting_.first_priority();
}

void WorkExchange::take_small(WorkBatch& batch, std::size_t count, TimePoint now) {
  const std::lock_guard lock(mutex_);
  while (batch.size() < count && !waiting_.empty() && waiting_.first().is_small_) {
    if (batch.size() == 0) batch.priority = waiting_.first_priority();
    if (waiting_.first_priority() != batch.priority) return;
    Ref<ThreadWork> work = pop();
    if (work->is_withdrawn()) continue;
    if (batch.size() == 0) note_wait(*work, now);
    --queued_;
    batch.add(std::move(work));
  }
}

void WorkExchange::expect_worker() {
  const std::lock_guard lock(mutex_);
  ++expected_;
}

void WorkExchange::set_least_priority(int priority) {
  const std::lock_guard lock(mutex_);
  least_priority_ = priority;
}

ThreadWork* WorkExchange::take_done() noexcept {
  const std::lock_guard lock(mutex_);
  is_loop_told_ = false;
  return std::exchange(first_done_, nullptr);
}

void WorkExchange::copy_waiting(std::vector<Ref<ThreadWork>>& works) const {
  const std::lock_guard lock(mutex_);
  waiting_.for_each([&works](ThreadWork& work) { works.emplace_back(work); });
}

Ref<ThreadWork> WorkExchange::copy(const Ref<ThreadWork>& work) const {
  const std::lock_guard lock(mutex_);
  return work;
}

WorkExchange::Numbers WorkExchange::numbers() const {
  const std::lock_guard lock(mutex_);
  return {queued_ - std::min(queued_, expected_), longest_wait_};
}

// --- A worker's side

bool WorkExchange::take_first(Ref<ThreadWork>& work, TimePoint now) {
  const std::lock_guard lock(mutex_);
  --expected_;
  work = begin_next(INT_MIN, now);
  return work.get() != nullptr;
}

WorkExchange::Handover WorkExchange::take_next(Ref<ThreadWork>& work, TimePoint now) {
  const std::lock_guard lock(mutex_);
  Ref<ThreadWork> next = begin_next(least_priority_, now);
  if (!next) return Handover::none;
  add_done(std::exchange(work, std::move(next)));
  return std::exchange(is_loop_told_, true) ? Handover::next : Handover::next_and_wake;
}

// --- With the lock

Ref<ThreadWork> WorkExchange::pop() {
  Ref<ThreadWork> work = waiting_.pop();
  if (!work->is_small_) --others_;
  return work;
}

/// Calls that were withdrawn go back to the loop: only its thread may drop them.
Ref<ThreadWork> WorkExchange::begin_next(int least_priority, TimePoint now) {
  while (!waiting_.empty() && waiting_.first_priority() >= least_priority) {
    Ref<ThreadWork> work = pop();
    if (work->begin(ThreadWork::queued)) {
      --queued_;
      note_wait(*work, now);
      return work;
    }
    add_done(std::move(work));
  }
  return nullptr;
}

void WorkExchange::add_done(Ref<ThreadWork> work) noexcept {
  ThreadWork* const last = work.detach();
  last->next_in_queue = nullptr;
  (first_done_ ? last_done_->next_in_queue : first_done_) = last;
  last_done_ = last;
}

void WorkExchange::note_wait(const ThreadWork& work, TimePoint now) {
  if (work.queued_at_ == never_queued) return;
  longest_wait_ = std::max(longest_wait_, now - work.queued_at_);
}

}  // namespace aio::detail
