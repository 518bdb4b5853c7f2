#pragma once

#include <exception>
#include <functional>
#include <list>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "aio/task.hpp"

namespace aio {

namespace detail {

/// The state that all handles of a TaskGroup share. It lives until the last handle and the last
/// child's callback are gone.
class GroupState final : public RefCounted {
 public:
  /// The running task becomes the parent. Throws RuntimeError the second time.
  void enter();
  /// Waits for the children. See TaskGroup::exit.
  static Coro<bool> exit(Ref<GroupState> group, std::exception_ptr exception);

  /// The loop for a new child. Throws RuntimeError where the group takes none.
  LoopState& require_accepting() const;
  void add(AnyTask child);
  void cancel();

 private:
  using Children = std::list<AnyTask>;

  void on_child_done(Children::iterator place);
  void on_child_failed(const AnyTask& child, std::exception_ptr exception);
  std::exception_ptr begin_exit(const std::exception_ptr& exception);
  bool finish(const std::exception_ptr& exception, std::exception_ptr cancellation);
  void abort(const CancelledError& request);
  void cancel_parent(const CancelledError& request);
  bool is_finished() const { return exiting_ && children_.empty(); }
  std::string describe() const;

  Ref<LoopState> loop_;
  Ref<FutureBase> parent_future_;  // keeps the parent alive
  TaskCore* parent_ = nullptr;     // from the entry to the end of the exit
  unsigned settled_cancels_ = 0;   // the parent's, when it entered
  Children children_;              // those that have not ended
  std::vector<std::exception_ptr> errors_;
  std::vector<std::string> sources_;
  Future<void> all_done_;  // the exit waits for it
  bool entered_ = false;
  bool exiting_ = false;
  bool aborting_ = false;
  bool parent_cancelled_ = false;  // by the group: it has to take that back
  bool cancel_on_enter_ = false;
};

}  // namespace detail

/// Tasks that end before the scope that started them does.
///
///     co_await aio::with(aio::TaskGroup(), [&](aio::TaskGroup& group) -> aio::Coro<void> {
///       const auto one = group.create_task(fetch("a"), "a");
///       const auto other = group.create_task(fetch, "b");
///       …
///     });  // both have ended
///
/// The scope ends once the body and all children have ended. It throws nothing if none failed.
/// When a child or the body fails, the group cancels all others, waits for their end, and throws an
/// ExceptionGroup of all errors in the order in which they came. What a child throws is an error
/// whether or not it is a std::exception; a child that is cancelled is none and disturbs nobody.
///
/// Cancelling the parent (the task that runs the scope) cancels the children, waits for them, and
/// goes on as CancelledError; unless a child failed, in which case the group is thrown and the
/// parent's next await throws the CancelledError.
///
/// It is a handle: copies are the same group, and a child may be given one. It is entered once.
/// Only the loop's thread may use it.
class TaskGroup {
 public:
  TaskGroup() : state_(detail::make_ref<detail::GroupState>()) {}
  TaskGroup(const TaskGroup&) = default;
  TaskGroup& operator=(const TaskGroup&) = default;

  /// Makes a task of a coroutine, or of another awaitable, as aio::create_task does, and has the
  /// group wait for it. Children may be added by children too, as long as one is left. Throws
  /// RuntimeError if the group was not entered, has ended or is being cancelled; the coroutine has
  /// not run then.
  template <class A>
    requires(!std::is_lvalue_reference_v<A> && detail::Awaitable<A> && !detail::IsFuture<A>)
  auto create_task(A&& awaitable,
                   std::source_location made_at = std::source_location::current()) const {
    auto task =
        detail::ensure_future(state_->require_accepting(), std::forward<A>(awaitable), made_at);
    state_->add(task);
    return task;
  }

  /// The same with options.
  template <class A>
    requires(!std::is_lvalue_reference_v<A> && detail::Awaitable<A> && !detail::IsFuture<A>)
  auto create_task(A&& awaitable, TaskOptions options,
                   std::source_location made_at = std::source_location::current()) const {
    auto task = detail::ensure_future(state_->require_accepting(), std::forward<A>(awaitable),
                                      made_at, &options);
    state_->add(task);
    return task;
  }

  /// The same for a coroutine function and its arguments, which are copied into the task. A
  /// reference needs std::ref.
  template <class F, class... Args>
    requires detail::CoroFunction<std::decay_t<F>, std::unwrap_ref_decay_t<Args>...>
  auto create_task(F&& f, Args&&... args) const {
    return create_task(detail::invoke_coro<std::decay_t<F>, std::decay_t<Args>...>(
                           std::forward<F>(f), std::forward<Args>(args)...),
                       std::source_location());
  }

  /// The same with options.
  template <class F, class... Args>
    requires detail::CoroFunction<std::decay_t<F>, std::unwrap_ref_decay_t<Args>...>
  auto create_task(TaskOptions options, F&& f, Args&&... args) const {
    return create_task(detail::invoke_coro<std::decay_t<F>, std::decay_t<Args>...>(
                           std::forward<F>(f), std::forward<Args>(args)...),
                       std::move(options), std::source_location());
  }

  /// Ends the group early and without an error: cancels its children and what its body awaits.
  /// Before the group is entered, that happens at the entry; the second time, and after the end,
  /// nothing does. A child that fails nonetheless is an error as ever.
  void cancel() const { state_->cancel(); }

  /// For `with`: makes the awaiting task the parent. Throws RuntimeError if it was entered before.
  Coro<void> enter() const { return enter(state_); }

  /// For `with`, which tells what the body threw: waits until all children have ended. True if
  /// the group needs the exception no more. It throws the ExceptionGroup, or CancelledError if the
  /// parent was cancelled; further cancellations do not cut the wait short.
  Coro<bool> exit(std::exception_ptr exception) const {
    return detail::GroupState::exit(state_, std::move(exception));
  }

 private:
  static Coro<void> enter(detail::Ref<detail::GroupState> state) {
    state->enter();
    co_return;
  }

  detail::Ref<detail::GroupState> state_;
};

}  // namespace aio
