#pragma once

#include <coroutine>
#include <cstddef>
#include <limits>

#include "aio/coro.hpp"
#include "aio/detail/loop_bound.hpp"
#include "aio/detail/operation.hpp"
#include "aio/detail/wait_list.hpp"

namespace aio::detail {

class QueueBase;

/// Who waits at a queue. It may be put back in its place: `get_nowait` may take what it was woken
/// for.
class QueueNode : public WaitNode {
 public:
  const char* word() const noexcept override { return "queue"; }

 protected:
  explicit QueueNode(QueueBase& queue) : queue_(&queue) {}
  inline ~QueueNode();

  QueueBase& queue() const { return *queue_; }

  /// Goes on with the turn that it was given. Throws CancelledError, or QueueShutDown if the queue
  /// was destroyed meanwhile.
  void go_on() {
    if (!has_waited()) return;
    throw_if_cancelled();
    if (!is_listed()) [[unlikely]]
      refuse_turn();
    leave();
  }

 private:
  [[noreturn]] static void refuse_turn();

  QueueBase* queue_;
};

/// Waits for an item.
class QueueGetter : public QueueNode {
 public:
  inline bool await_ready() const noexcept;
  template <PromiseOfCoro P>
  bool await_suspend(std::coroutine_handle<P> caller) {
    return start(caller.promise().task(), caller);
  }

 protected:
  using QueueNode::QueueNode;

 private:
  inline bool start(TaskCore& task, std::coroutine_handle<> leaf) final;
};

/// Waits for room.
class QueuePutter : public QueueNode {
 public:
  inline bool await_ready() const noexcept;
  template <PromiseOfCoro P>
  bool await_suspend(std::coroutine_handle<P> caller) {
    return start(caller.promise().task(), caller);
  }

 protected:
  using QueueNode::QueueNode;

 private:
  inline bool start(TaskCore& task, std::coroutine_handle<> leaf) final;
};

/// Waits until all that was put is done.
class QueueJoiner final : public WaitNode {
 public:
  const char* word() const noexcept override { return "queue"; }

  explicit QueueJoiner(QueueBase& queue) : queue_(&queue) {}
  void await_resume() { throw_if_cancelled(); }

 private:
  bool start(TaskCore& task, std::coroutine_handle<> leaf) override;
  QueueBase* queue_;
};

/// What of a queue does not depend on what it holds: how much there is, who waits, what is undone.
///
/// At all times as many getters are chosen as there are items for them, and as many putters as
/// there is room for; once it is shut down, all. `settle` sees to it after every change.
class QueueBase {
 public:
  QueueBase(const QueueBase&) = delete;
  QueueBase& operator=(const QueueBase&) = delete;

  /// How many items it may hold; 0 or less: any number.
  std::ptrdiff_t maxsize() const { return maxsize_; }
  /// How many items there are.
  std::size_t qsize() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Whether there are `maxsize` items; never if any number may be there.
  bool full() const { return room() == 0; }

  /// Says that an item which was got has been dealt with. Throws ValueError if it is said more
  /// often than items were put.
  void task_done();

  /// Waits until `task_done` was called for every item that was put; resumes at once if it was.
  Operation<QueueBase, QueueJoiner> join() { return Operation<QueueBase, QueueJoiner>(*this); }

 protected:
  explicit QueueBase(std::ptrdiff_t maxsize) : maxsize_(maxsize) {}
  ~QueueBase() = default;

  bool is_shut_down() const { return is_shut_down_; }
  /// Throw QueueShutDown, QueueFull or QueueEmpty.
  void require_puttable() const;
  void require_gettable() const;

  void on_put() noexcept {
    ++size_;
    ++unfinished_;
    settle();
  }
  void on_got() noexcept {
    --size_;
    settle();
  }
  void shut_down(bool immediate);

 private:
  friend class QueueNode;
  friend class QueueGetter;
  friend class QueuePutter;
  friend class QueueJoiner;

  static constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

  std::size_t room() const {
    return maxsize_ <= 0 ? any_number : static_cast<std::size_t>(maxsize_) - size_;
  }
  /// Whether a task of `loop` may get, or put, without waiting.
  bool may_get(const LoopState& loop) const {
    return size_ > 0 && getters_.empty() && bound_.is_bound_to(loop);
  }
  bool may_put(const LoopState& loop) const {
    return room() > 0 && putters_.empty() && !is_shut_down_ && bound_.is_bound_to(loop);
  }
  void settle() noexcept {
    if (!getters_.empty()) getters_.keep_chosen(is_shut_down_ ? any_number : size_);
    if (!putters_.empty()) putters_.keep_chosen(is_shut_down_ ? any_number : room());
  }
  void wake_joiners_if_done() noexcept;

  std::ptrdiff_t maxsize_;
  std::size_t size_ = 0;
  std::size_t unfinished_ = 0;
  bool is_shut_down_ = false;
  WaitList getters_;
  WaitList putters_;
  WaitList joiners_;
  LoopBound bound_{"Queue"};
};

QueueNode::~QueueNode() {
  if (leave()) queue_->settle();
}

// Whoever need not wait does not suspend.
bool QueueGetter::await_ready() const noexcept { return queue().may_get(*running_loop()); }
bool QueuePutter::await_ready() const noexcept { return queue().may_put(*running_loop()); }

bool QueueGetter::start(TaskCore& task, std::coroutine_handle<> leaf) {
  QueueBase& q = queue();
  q.bound_.bind(task.loop());
  if (q.empty() ? q.is_shut_down_ : q.getters_.empty()) return false;
  enter(q.getters_, task);
  if (!q.empty()) q.settle();
  task.suspend(leaf, this);
  return true;
}

bool QueuePutter::start(TaskCore& task, std::coroutine_handle<> leaf) {
  QueueBase& q = queue();
  q.bound_.bind(task.loop());
  if (q.is_shut_down_ || (!q.full() && q.putters_.empty())) return false;
  enter(q.putters_, task);
  if (!q.full()) q.settle();
  task.suspend(leaf, this);
  return true;
}

}  // namespace aio::detail
