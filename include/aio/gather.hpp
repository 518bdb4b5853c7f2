#pragma once

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "aio/event_loop.hpp"

namespace aio {

namespace detail {

/// A gather's future: it collects its children, and cancelling it cancels them.
template <class R>
class GatherState : public FutureState<R> {
 public:
  using FutureState<R>::FutureState;

  const char* word() const noexcept override { return "gather"; }

  bool cancel(const CancelledError& request) override {
    if (this->done()) return FutureState<R>::cancel(request);
    bool any = false;
    for (const AnyFuture& child : children_) any |= child.state()->cancel(request);
    if (any) cancel_requested_ = std::make_unique<CancelledError>(request);
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
      handles_.push_back(
          child.add_done_callback([this](const AnyFuture& done) { on_child_done(done); }));
      handles_.back().serve(*this);
    }
    if (left_ == 0) set_results();
  }

  /// Sets the result from the children, which all have one.
  virtual void set_results() = 0;

 private:
  void on_child_done(const AnyFuture& child) {
    --left_;
    if (this->done()) return;
    try {
      child.state()->throw_if_failed();
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

/// void results stand in a tuple as std::monostate.
template <class... F>
using GatherTuple = std::tuple<ValueOf<typename F::value_type>...>;

template <class... F>
class TupleGather final : public GatherState<GatherTuple<F...>> {
 public:
  TupleGather(LoopState& loop, std::tuple<F...> futures)
      : GatherState<GatherTuple<F...>>(loop), futures_(std::move(futures)) {}
  void start() {
    this->watch(std::apply([](const F&... f) { return std::vector<AnyFuture>{f...}; }, futures_));
  }

 private:
  void set_results() override {
    this->set_value(std::apply(
        [](const F&... f) { return GatherTuple<F...>(f.typed().share_value()...); }, futures_));
  }
  std::tuple<F...> futures_;
};

template <class T>
using GatherVector = std::conditional_t<std::is_void_v<T>, void, std::vector<ValueOf<T>>>;

template <class T>
class VectorGather final : public GatherState<GatherVector<T>> {
 public:
  VectorGather(LoopState& loop, std::vector<Future<T>> futures)
      : GatherState<GatherVector<T>>(loop), futures_(std::move(futures)) {}
  void start() { this->watch({futures_.begin(), futures_.end()}); }

 private:
  void set_results() override {
    if constexpr (std::is_void_v<T>) {
      this->set_value(std::monostate());
    } else {
      std::vector<T> results;
      results.reserve(futures_.size());
      for (const Future<T>& future : futures_) results.push_back(future.typed().share_value());
      this->set_value(std::move(results));
    }
  }
  std::vector<Future<T>> futures_;
};

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
  detail::LoopState& loop = detail::require_running_loop();
  using State = detail::TupleGather<detail::FutureOf<A>...>;
  // Braces, for the order: tasks start in the order of the arguments.
  std::tuple<detail::FutureOf<A>...> futures{
      detail::ensure_future(loop, std::forward<A>(awaitables))...};
  auto state = detail::make_ref<State>(loop, std::move(futures));
  state->start();
  using R = detail::GatherTuple<detail::FutureOf<A>...>;
  return Future<R>(detail::Ref<detail::FutureState<R>>(std::move(state)));
}

/// The same for any number of one type: the result is a vector, or void.
template <class A>
  requires detail::Awaitable<A>
auto gather(std::vector<A> awaitables) {
  detail::LoopState& loop = detail::require_running_loop();
  using T = typename detail::FutureOf<A>::value_type;
  std::vector<Future<T>> futures;
  futures.reserve(awaitables.size());
  for (A& awaitable : awaitables) {
    futures.push_back(detail::ensure_future(loop, std::move(awaitable)));
  }
  auto state = detail::make_ref<detail::VectorGather<T>>(loop, std::move(futures));
  state->start();
  using R = detail::GatherVector<T>;
  return Future<R>(detail::Ref<detail::FutureState<R>>(std::move(state)));
}

}  // namespace aio
