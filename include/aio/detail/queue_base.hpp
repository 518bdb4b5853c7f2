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

/// A task that waits at a queue. It may be put back in its place: `get_nowait` may take what it was
/// woken for.
class QueueNode : public WaitNode {
 public:
  const char* word() const noexcept override { return "queue"; }

 protected:
  explicit QueueNode(QueueBase& queue) : queue_(&queue) {}
  ~QueueNode() {
    if (has_waited()) [[unlikely]]
      give_up();
  }

  QueueBase& queue() const { return *queue_; }

  /// Goes on with the turn that it was given; it ends the turn once it has what it waited for.
  /// Throws CancelledError, or QueueShutDown if the queue was destroyed meanwhile.
  void begin_turn() {
    if (!is_listed()) [[unlikely]]
      refuse_turn();
    task().throw_if_cancelled();
  }

 private:
  [[noreturn]] void refuse_turn();
  /// It leaves without having got, or put, anything.
  void give_up() noexcept;

  QueueBase* queue_;
};

/// Waits for an item.
class QueueGetter : public QueueNode {
 public:
  inline bool await_ready() const noexcept;
  template <PromiseOfCoro P>
  bool await_suspend(std::coroutine_handle<P> /*caller*/) {
    return start_here(*running_loop());
  }

 protected:
  using QueueNode::QueueNode;
  inline void end_turn() noexcept;

 private:
  inline bool start_here(LoopState& loop);
  bool start(TaskCore& task) final;
};

/// Waits for room.
class QueuePutter : public QueueNode {
 public:
  inline bool await_ready() const noexcept;
  template <PromiseOfCoro P>
  bool await_suspend(std::coroutine_handle<P> /*caller*/) {
    return start_here(*running_loop());
  }

 protected:
  using QueueNode::QueueNode;
  inline void end_turn() noexcept;

 private:
  inline bool start_here(LoopState& loop);
  bool start(TaskCore& task) final;
};

/// Waits until all that was put is done.
class QueueJoiner final : public WaitNode {
 public:
  const char* word() const noexcept override { return "queue"; }

  explicit QueueJoiner(QueueBase& queue) : queue_(&queue) {}
  void await_resume() { throw_if_cancelled(); }

 private:
  bool start(TaskCore& task) override;
  QueueBase* queue_;
};

/// What of a queue does not depend on what it holds: how much there is, who waits, what is undone.
///
/// At all times as many getters are chosen as there are items for them, and as many putters as
/// there is room for; once it is shut down, all. A change of one item, where nobody was overtaken,
/// takes one step to that; `settle` sees to it after any other change.
class QueueBase {
 public:
  QueueBase(const QueueBase&) = delete;
  QueueBase& operator=(const QueueBase&) = delete;

  /// How many items it may hold; 0 or less: any number.
  std::ptrdiff_t maxsize() const { return maxsize_; }
  /// How many items there are.
  std::size_t qsize() const { return puts_ - gets_; }
  bool empty() const { return puts_ == gets_; }
  /// Whether there are `maxsize` items; never if any number may be there.
  bool full() const { return room() == 0; }

  /// Says that an item which was got has been dealt with. Throws ValueError if it is said more
  /// often than items were put.
  void task_done();

  /// Waits until `task_done` was called for every item that was put; resumes at once if it was.
  Operation<QueueBase, QueueJoiner> join() { return Operation<QueueBase, QueueJoiner>(*this); }

 protected:
  explicit QueueBase(std::ptrdiff_t maxsize)
      : put_limit_(maxsize <= 0 ? any_number : static_cast<std::size_t>(maxsize)),
        maxsize_(maxsize) {}
  ~QueueBase() = default;

  /// Throw QueueShutDown, QueueFull or QueueEmpty.
  void require_puttable() const;
  void require_gettable() const;
  /// Whether one more may be put, by whoever's turn it is.
  bool is_puttable() const { return qsize() < put_limit_; }
  /// The numbers of the next item that is put, and of the next that is got, first in, first out.
  std::size_t puts() const { return puts_; }
  std::size_t gets() const { return gets_; }

  /// After a put by a task whose turn it was: nobody who waits for room has lost any.
  void on_put() noexcept {
    ++puts_;
    if (getters_.has_waiting()) getters_.choose_first(bound_.loop());
  }
  void on_got() noexcept {
    ++gets_;
    if (putters_.has_waiting()) putters_.choose_first(bound_.loop());
  }
  /// The same after one by whoever came: it may have taken what others were chosen for.
  void on_put_nowait() noexcept {
    on_put();
    if (!putters_.empty()) settle();
  }
  void on_got_nowait() noexcept {
    on_got();
    if (!getters_.empty()) settle();
  }
  void shut_down(bool immediate);

 private:
  friend class QueueNode;
  friend class QueueGetter;
  friend class QueuePutter;
  friend class QueueJoiner;

  static constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

  std::size_t room() const {
    if (maxsize_ <= 0) return any_number;
    const auto maxsize = static_cast<std::size_t>(maxsize_);
    return qsize() < maxsize ? maxsize - qsize() : 0;  // an item that is made may put others
  }
  /// For a task of `loop`. Throws RuntimeError if it is another loop's.
  void open_to(LoopState& loop);
  void settle() noexcept;
  bool is_all_done() const { return done_ == puts_; }
  void wake_joiners_if_done() noexcept;

  // They count for ever; what is in it, and what is undone, is the difference. So a put and a get
  // each change one number.
  std::size_t puts_ = 0;
  std::size_t gets_ = 0;
  std::size_t done_ = 0;
  std::size_t put_limit_;  // how many there may be after a put; none once it is shut down
  std::ptrdiff_t maxsize_;
  /// Whose tasks may put and get without more ado; null once it is shut down.
  const LoopState* open_to_ = nullptr;
  bool is_shut_down_ = false;
  WaitList getters_;
  WaitList putters_;
  WaitList joiners_;
  LoopBound bound_{"Queue"};
};

void QueueGetter::end_turn() noexcept { WaitNode::end_turn(queue().getters_); }
void QueuePutter::end_turn() noexcept { WaitNode::end_turn(queue().putters_); }

// A task that need not wait does not suspend.
bool QueueGetter::await_ready() const noexcept {
  const QueueBase& q = queue();
  return !q.empty() && q.getters_.empty() && q.open_to_ == running_loop();
}
bool QueuePutter::await_ready() const noexcept {
  const QueueBase& q = queue();
  return q.is_puttable() && q.putters_.empty() && q.open_to_ == running_loop();
}

// A task that comes to an empty queue, or a full one, waits; anything else is looked at more
// closely.
bool QueueGetter::start_here(LoopState& loop) {
  QueueBase& q = queue();
  TaskCore& task = *loop.current_task;
  if (!q.empty() || q.open_to_ != &loop) [[unlikely]]
    return start(task);
  enter(q.getters_, task);
  task.suspend(this);
  return true;
}
bool QueuePutter::start_here(LoopState& loop) {
  QueueBase& q = queue();
  TaskCore& task = *loop.current_task;
  if (q.is_puttable() || q.open_to_ != &loop) [[unlikely]]
    return start(task);
  enter(q.putters_, task);
  task.suspend(this);
  return true;
}

}  // namespace aio::detail
