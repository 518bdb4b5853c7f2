#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "aio/coro.hpp"

namespace aio::detail {

class WaitList;

/// A place in a WaitList, which is a ring: of one who waits, or, with no task, of the list itself.
class WaitLink {
 protected:
  WaitLink() = default;

 private:
  friend class WaitNode;
  friend class WaitList;
  explicit WaitLink(WaitLink* ends) : previous_(ends), next_(ends), task_(nullptr) {}

  WaitLink* previous_;
  WaitLink* next_;
  TaskCore* task_;
};

/// A waiter in a WaitList: an awaiter, inside the coroutine's frame.
///
/// It is in the list from its suspension until it goes on, or is cancelled. Being chosen does not
/// take it out: a chosen waiter still has its turn before it, and may be cancelled until then. A
/// turn that it was given and does not take is passed on by the destructor of the derived class,
/// which runs before anything that catches the CancelledError.
///
/// Most are made and destroyed without ever waiting: of those nothing but `state_` is looked at.
class WaitNode : public Waiter, private WaitLink {
 public:
  WaitNode(const WaitNode&) = delete;
  WaitNode& operator=(const WaitNode&) = delete;

  bool await_ready() const noexcept { return false; }
  template <PromiseOfCoro P>
  bool await_suspend(std::coroutine_handle<P> caller) {
    return start(caller.promise().task());
  }

  bool cancel(const CancelledError& request) override;

 protected:
  WaitNode() = default;
  ~WaitNode() {
    if (has_waited()) end_wait();
  }

  /// Begins the wait; false if there is nothing to wait for. Throws the exception of the await.
  virtual bool start(TaskCore& task) = 0;
  inline void enter(WaitList& list, TaskCore& task) noexcept;
  /// Leaves the list; whether it leaves a turn behind that it was given.
  inline bool leave() noexcept;
  void wake() noexcept {
    state_ |= woken;
    if (!task_->end_put_back()) task_->loop().make_ready(*task_);
  }
  void remember(const CancelledError& request);
  void throw_if_cancelled() {
    if (has_waited()) task_->throw_if_cancelled(state_ & has_request ? cancelled_ : nullptr);
  }
  /// Leaves the list and is as if it had never waited; whether it leaves a turn behind.
  bool end_wait() noexcept;
  /// The same for one that takes the turn that it was given: only if `list` has it, and chose it.
  inline void end_turn(WaitList& list) noexcept;

  /// Goes on with the turn that it was given, and leaves the list. Throws CancelledError, or
  /// RuntimeError if the list was destroyed meanwhile.
  void take_turn();

  bool has_waited() const { return state_ != 0; }
  /// Only if it has waited.
  bool is_listed() const { return list_ != nullptr; }
  bool is_woken() const { return (state_ & woken) != 0; }
  TaskCore& task() const { return *task_; }

 private:
  friend class WaitList;

  static constexpr std::uint8_t waits = 1;
  static constexpr std::uint8_t woken = 2;  // chosen or cancelled: the task is about to go on
  static constexpr std::uint8_t has_request = 4;

  WaitList* list_;             // null once it has left
  CancelledError* cancelled_;  // owned; only if it has a request
  std::uint8_t state_ = 0;     // 0 until it waits; everything else is set only then
};

/// The waiters, in the order of coming: first those that were chosen and have not gone on yet, then
/// the others. Nothing here allocates.
class WaitList {
 public:
  WaitList() = default;
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;
  /// Its waiters go on waiting, until cancelled.
  ~WaitList();

  bool empty() const { return ends_.next_ == &ends_; }
  bool has_waiting() const { return first_waiting_ != &ends_; }

  /// The first waiter that was not chosen; null if there is none.
  WaitNode* first_waiting() const {
    return has_waiting() ? static_cast<WaitNode*>(first_waiting_) : nullptr;
  }
  /// Chooses and wakes that one; only if there is one.
  WaitNode& choose_first() noexcept { return choose_first(first_task_->loop()); }
  /// The same, for who knows the loop. That one is not closed: a task of it waits.
  WaitNode& choose_first(LoopState& loop) noexcept {
    WaitNode& node = static_cast<WaitNode&>(*first_waiting_);
    TaskCore& task = *first_task_;
    set_first_waiting(node.next_);
    ++chosen_;
    node.state_ |= WaitNode::woken;
    if (!task.end_put_back()) loop.ready.push(task);
    return node;
  }
  void choose_all() noexcept { keep_chosen(std::numeric_limits<std::size_t>::max()); }
  /// Has `count` of them chosen, or all if they are fewer: chooses more, or puts the last ones that
  /// were chosen back in their place.
  void keep_chosen(std::size_t count) noexcept {
    while (has_waiting() && chosen_ < count) choose_first();
    while (chosen_ > count) unchoose_last();
  }

  void add(WaitNode& node) noexcept {
    node.list_ = this;
    node.previous_ = ends_.previous_;
    node.next_ = &ends_;
    ends_.previous_->next_ = &node;
    ends_.previous_ = &node;
    if (!has_waiting()) set_first_waiting(&node);
  }
  void remove(WaitNode& node) noexcept {
    if (node.is_woken()) --chosen_;
    if (first_waiting_ == &node) set_first_waiting(node.next_);
    unlink(node);
    node.list_ = nullptr;
  }
  void remove_chosen(WaitNode& node) noexcept {
    --chosen_;
    unlink(node);
  }

  template <class F>
  void for_each(F f) {
    for (WaitLink* link = ends_.next_; link != &ends_; link = link->next_) {
      f(static_cast<WaitNode&>(*link));
    }
  }

 private:
  void set_first_waiting(WaitLink* link) noexcept {
    first_waiting_ = link;
    first_task_ = link->task_;
  }
  void unlink(WaitNode& node) noexcept {
    node.previous_->next_ = node.next_;
    node.next_->previous_ = node.previous_;
  }
  void unchoose_last() noexcept;

  WaitLink ends_{&ends_};
  WaitLink* first_waiting_ = &ends_;
  TaskCore* first_task_ = nullptr;  // of the first who waits: who wakes it need not go there
  std::size_t chosen_ = 0;
};

void WaitNode::enter(WaitList& list, TaskCore& task) noexcept {
  task_ = &task;
  state_ |= waits;
  list.add(*this);
}

bool WaitNode::leave() noexcept {
  if (!has_waited() || !list_) return false;
  list_->remove(*this);
  return is_woken();
}

void WaitNode::end_turn(WaitList& list) noexcept {
  list.remove_chosen(*this);
  state_ = 0;
}

}  // namespace aio::detail
