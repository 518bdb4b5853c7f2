#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>

#include "aio/coro.hpp"

namespace aio::detail {

class WaitList;

/// One who waits in a WaitList: an awaiter, inside the coroutine's frame.
///
/// It is in the list from its suspension until it goes on, or is cancelled. Being chosen does not
/// take it out: a chosen waiter still has its turn before it, and may be cancelled until then. A
/// turn that it was given and does not take is passed on by the destructor of the derived class,
/// which runs before anything that catches the CancelledError.
class WaitNode : public Waiter {
 public:
  WaitNode(const WaitNode&) = delete;
  WaitNode& operator=(const WaitNode&) = delete;

  bool await_ready() const noexcept { return false; }
  template <PromiseOfCoro P>
  bool await_suspend(std::coroutine_handle<P> caller) {
    return start(caller.promise().task(), caller);
  }

  bool cancel(const CancelledError& request) override;

 protected:
  WaitNode() = default;
  ~WaitNode() { leave(); }

  /// Begins the wait; false if there is nothing to wait for. Throws what the await is to throw.
  virtual bool start(TaskCore& task, std::coroutine_handle<> leaf) = 0;
  inline void enter(WaitList& list, TaskCore& task) noexcept;
  /// Leaves the list; whether it leaves a turn behind that it was given.
  inline bool leave() noexcept;
  void wake() noexcept {
    woken_ = true;
    if (!task_->end_put_back()) task_->loop().make_ready(*task_);
  }
  void remember(const CancelledError& request);
  void throw_if_cancelled() {
    if (task_) task_->throw_if_cancelled(cancelled_.get());
  }

  /// Goes on with the turn that it was given, and leaves the list. Throws CancelledError, or
  /// RuntimeError if the list was destroyed meanwhile.
  void take_turn();

  bool has_waited() const { return task_ != nullptr; }
  bool is_listed() const { return list_ != nullptr; }
  bool is_woken() const { return woken_; }
  TaskCore& task() const { return *task_; }

 private:
  friend class WaitList;

  TaskCore* task_ = nullptr;
  WaitList* list_ = nullptr;
  WaitNode* previous_;  // this and the next are the list's, while it is in one
  WaitNode* next_;
  std::unique_ptr<CancelledError> cancelled_;
  bool woken_ = false;  // chosen or cancelled: the task is about to go on
};

/// Who waits, in the order of coming: first those who were chosen and have not gone on yet, then
/// those who wait. Nothing here allocates.
class WaitList {
 public:
  WaitList() = default;
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;
  /// Whoever waits goes on waiting, until cancelled.
  ~WaitList();

  bool empty() const { return first_ == nullptr; }
  std::size_t size() const { return size_; }
  std::size_t chosen() const { return chosen_; }
  bool has_waiting() const { return first_waiting_ != nullptr; }

  /// The first who waits and was not chosen; null if there is none.
  WaitNode* first_waiting() const { return first_waiting_; }
  /// Chooses and wakes that one; only if there is one.
  WaitNode& choose_first() noexcept {
    WaitNode& node = *first_waiting_;
    first_waiting_ = node.next_;
    ++chosen_;
    node.wake();
    return node;
  }
  void choose_all() noexcept { keep_chosen(size_); }
  /// Has `count` of them chosen, or all if they are fewer: chooses more, or puts the last ones that
  /// were chosen back in their place.
  void keep_chosen(std::size_t count) noexcept {
    while (first_waiting_ && chosen_ < count) choose_first();
    while (chosen_ > count) unchoose_last();
  }

  void add(WaitNode& node) noexcept {
    node.list_ = this;
    node.previous_ = last_;
    node.next_ = nullptr;
    (last_ ? last_->next_ : first_) = &node;
    last_ = &node;
    if (!first_waiting_) first_waiting_ = &node;
    ++size_;
  }
  void remove(WaitNode& node) noexcept {
    if (node.woken_) --chosen_;
    if (first_waiting_ == &node) first_waiting_ = node.next_;
    (node.previous_ ? node.previous_->next_ : first_) = node.next_;
    (node.next_ ? node.next_->previous_ : last_) = node.previous_;
    node.list_ = nullptr;
    --size_;
  }

  template <class F>
  void for_each(F f) {
    for (WaitNode* node = first_; node; node = node->next_) f(*node);
  }

 private:
  void unchoose_last() noexcept;

  WaitNode* first_ = nullptr;
  WaitNode* last_ = nullptr;
  WaitNode* first_waiting_ = nullptr;
  std::size_t size_ = 0;
  std::size_t chosen_ = 0;
};

void WaitNode::enter(WaitList& list, TaskCore& task) noexcept {
  task_ = &task;
  list.add(*this);
}

bool WaitNode::leave() noexcept {
  if (!list_) return false;
  list_->remove(*this);
  return woken_;
}

}  // namespace aio::detail
