#pragma once

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "aio/event_loop.hpp"
#include "aio/outcome.hpp"

namespace aio {

/// Python's `return_exceptions=True`: the first argument of a `gather` that waits for all.
struct ReturnExceptions {};
inline constexpr ReturnExceptions return_exceptions{};

namespace detail {

/// A gather's future: it collects its children, and cancelling it cancels them. With `outcomes`
/// their failures are results like others.
template <class R, bool outcomes>
class GatherState : public PlainFuture<R> {
 public:
  using PlainFuture<R>::PlainFuture;

  const char* word() const noexcept override { return "gather"; }

  bool cancel(const CancelledError& request) override {
    if (this->done()) return FutureState<R>::cancel(request);
    bool any = false;
    for (const AnyFuture& child : children_) any |= child.state()->cancel(request);
    if (any) cancel_requested_ = std::make_unique<CancelledError>(request);
    if (!any && waits_for_itself()) return FutureState<R>::cancel(request);
    return any;
  }

 protected:
  ~GatherState() override {
    for (std::size_t i = 0; i < handles_.size(); ++i)
      children_[i].cancel_done_callback(handles_[i]);
  }

  void watch(std::vector<AnyFuture> children) {
    children_ = std::move(children);
    left_ = children_.size();
    handles_.reserve(left_);
    for (const AnyFuture& child : children_) {
      if (child.done()) {
        handles_.emplace_back();
        continue;
      }
      handles_.push_back(
          child.add_done_callback([this](const AnyFuture& done) { on_child_done(done); }));
      handles_.back().serve(*this);
    }
    if (left_ == 0) set_results();
    // Those that are done already count at once, so that a gather of such is done from the start.
    for (std::size_t i = 0; i < children_.size(); ++i) {
      if (children_[i].done()) on_child_done(children_[i]);
    }
  }

  /// Sets the result from the children, which all have one.
  virtual void set_results() = 0;

 private:
  /// Whether a child is a task that is not done and cannot be cancelled: it waits, in a circle, for
  /// this gather.
  bool waits_for_itself() const {
    for (const AnyFuture& child : children_) {
      if (child.state()->as_task() && !child.done()) return true;
    }
    return false;
  }

  void on_child_done(const AnyFuture& child) {
    --left_;
    if (this->done()) return;
    try {
      if constexpr (!outcomes) child.state()->throw_if_failed();
      if (left_ > 0) return;
      if (cancel_requested_) throw CancelledError(*cancel_requested_);
      set_results();
    } catch (...) {
      // Nobody will look at the others through this gather, which may be gone when they end.
      for (const AnyFuture& other : children_) other.state()->mark_retrieved();
      this->set_exception(std::current_exception());
    }
  }

  std::vector<AnyFuture> children_;
  std::vector<DoneHandle> handles_;
  std::unique_ptr<CancelledError> cancel_requested_;
  std::size_t left_ = 0;
};

/// The result of a gather for a child F: its result, std::monostate for void, or its outcome.
template <bool outcomes, class F>
using GatherItem =
    std::conditional_t<outcomes, Outcome<typename F::value_type>, ValueOf<typename F::value_type>>;

template <bool outcomes, class F>
GatherItem<outcomes, F> gather_item(const F& future) {
  if constexpr (outcomes) {
    return outcome_of(future.typed());
  } else {
    return future.typed().share_value();
  }
}

template <bool outcomes, class... F>
using GatherTuple = std::tuple<GatherItem<outcomes, F>...>;

template <bool outcomes, class... F>
class TupleGather final : public GatherState<GatherTuple<outcomes, F...>, outcomes> {
 public:
  TupleGather(LoopState& loop, std::tuple<F...> futures)
      : GatherState<GatherTuple<outcomes, F...>, outcomes>(loop), futures_(std::move(futures)) {}
  void start() {
    this->watch(std::apply([](const F&... f) { return std::vector<AnyFuture>{f...}; }, futures_));
  }

 private:
  void set_results() override {
    this->set_value(std::apply(
        [](const F&... f) { return GatherTuple<outcomes, F...>(gather_item<outcomes>(f)...); },
        futures_));
  }
  std::tuple<F...> futures_;
};

/// Nothing, where there is nothing to tell of each child.
template <bool outcomes, class T>
using GatherVector = std::conditional_t<std::is_void_v<T> && !outcomes, void,
                                        std::vector<GatherItem<outcomes, Future<T>>>>;

template <bool outcomes, class T>
class VectorGather final : public GatherState<GatherVector<outcomes, T>, outcomes> {
 public:
  VectorGather(LoopState& loop, std::vector<Future<T>> futures)
      : GatherState<GatherVector<outcomes, T>, outcomes>(loop), futures_(std::move(futures)) {}
  void start() { this->watch({futures_.begin(), futures_.end()}); }

 private:
  void set_results() override {
    using Results = GatherVector<outcomes, T>;
    if constexpr (std::is_void_v<Results>) {
      this->set_value(std::monostate());
    } else {
      Results results;
      results.reserve(futures_.size());
      for (const Future<T>& future : futures_) results.push_back(gather_item<outcomes>(future));
      this->set_value(std::move(results));
    }
  }
  std::vector<Future<T>> futures_;
};

template <bool outcomes, class... A>
auto gather_tuple(A&&... awaitables) {
  LoopState& loop = require_running_loop();
  // Braces, for the order: tasks start in the order of the arguments.
  std::tuple<FutureOf<A>...> futures{ensure_future(loop, std::forward<A>(awaitables))...};
  auto state = make_ref<TupleGather<outcomes, FutureOf<A>...>>(loop, std::move(futures));
  state->start();
  using R = GatherTuple<outcomes, FutureOf<A>...>;
  return Future<R>(Ref<FutureState<R>>(std::move(state)));
}

template <bool outcomes, class A>
auto gather_vector(std::vector<A> awaitables) {
  LoopState& loop = require_running_loop();
  using T = typename FutureOf<A>::value_type;
  std::vector<Future<T>> futures;
  futures.reserve(awaitables.size());
  for (A& awaitable : awaitables) futures.push_back(ensure_future(loop, std::move(awaitable)));
  auto state = make_ref<VectorGather<outcomes, T>>(loop, std::move(futures));
  state->start();
  using R = GatherVector<outcomes, T>;
  return Future<R>(Ref<FutureState<R>>(std::move(state)));
}

}  // namespace detail

/// Runs awaitables at the same time: coroutines become tasks at once. The future's result holds
/// their results in the order of the arguments, as a tuple with std::monostate for void.
///
/// The first failure makes the gather fail at once; the others keep running, and what they fail
/// with counts as seen. A child that is cancelled counts as a failure with CancelledError.
/// Cancelling the gather cancels all children that are not done. Results are copied, as a child may
/// be awaited elsewhere too. Throws RuntimeError where no loop runs, ValueError for another loop's
/// future.
template <class... A>
  requires(detail::Awaitable<std::decay_t<A>> && ...)
auto gather(A&&... awaitables) {
  return detail::gather_tuple<false>(std::forward<A>(awaitables)...);
}

/// The same for any number of one type: the result is a vector, or void.
template <class A>
  requires detail::Awaitable<A>
auto gather(std::vector<A> awaitables) {
  return detail::gather_vector<false>(std::move(awaitables));
}

/// The same, but it waits for all of them, and a failure or a cancellation of one is a result like
/// another: an Outcome for each, in a tuple or a vector.
///
///     const auto [page, image] = co_await aio::gather(aio::return_exceptions, fetch(a), fetch(b));
///     if (page.has_value()) show(page.value());
///
/// Only cancelling the gather itself makes it throw, once all have ended: CancelledError.
template <class... A>
  requires(detail::Awaitable<std::decay_t<A>> && ...)
auto gather(ReturnExceptions, A&&... awaitables) {
  return detail::gather_tuple<true>(std::forward<A>(awaitables)...);
}
template <class A>
  requires detail::Awaitable<A>
auto gather(ReturnExceptions, std::vector<A> awaitables) {
  return detail::gather_vector<true>(std::move(awaitables));
}

}  // namespace aio
