#pragma once

#include <cstddef>
#include <deque>
#include <iterator>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "aio/detail/time_limit.hpp"
#include "aio/event_loop.hpp"

namespace aio {

namespace detail {

/// Which of some futures have ended, in which order, and who waits for the next one. Futures are
/// known here by their index.
class CompletionQueue : public RefCounted {
 public:
  explicit CompletionQueue(LoopState& loop) : loop_(loop) {}

  /// Whether there are unclaimed futures.
  bool has_unclaimed() const { return unclaimed_ > 0; }
  void claim() noexcept { --unclaimed_; }

  /// Gives the next one that ends to a task that has claimed one; the longest wait gets it first.
  /// Throws TimeoutError once the time is up. If it is cancelled, the claim goes back.
  static Coro<std::size_t> next_index(Ref<CompletionQueue> queue);

 protected:
  ~CompletionQueue() override;
  void watch(const std::vector<AnyFuture>& futures, TimeLimit limit);

 private:
  void on_done(std::size_t index);
  void on_timeout();
  bool give_to_waiter(std::size_t index);
  void take_back(const Future<std::size_t>& waiter);

  Ref<LoopState> loop_;
  std::vector<std::pair<AnyFuture, DoneHandle>> watched_;  // those that have ended are empty
  std::deque<std::size_t> ended_;                          // and are not handed out
  std::deque<Future<std::size_t>> waiters_;
  TimerHandle timer_;
  std::size_t unclaimed_ = 0;
  std::size_t running_ = 0;
  bool has_timer_ = false;
  bool is_time_up_ = false;
};

/// The same with the futures themselves; each is let go of when it is handed out.
template <class F>
class Completions final : public CompletionQueue {
 public:
  Completions(LoopState& loop, std::vector<F> futures, TimeLimit limit)
      : CompletionQueue(loop), futures_(std::move(futures)) {
    this->watch({futures_.begin(), futures_.end()}, limit);
  }

  F take(std::size_t index) { return std::move(futures_[index]); }

 private:
  std::vector<F> futures_;
};

template <class F>
Coro<F> next_future(Ref<Completions<F>> completions) {
  if (!completions->has_unclaimed()) co_return F();
  completions->claim();
  const std::size_t index = co_await CompletionQueue::next_index(completions);
  co_return completions->take(index);
}

/// The result of the next one, which is claimed already.
template <class F>
Coro<typename F::value_type> next_result(Ref<Completions<F>> completions) {
  const std::size_t index = co_await CompletionQueue::next_index(completions);
  F future = completions->take(index);
  if constexpr (std::is_void_v<typename F::value_type>) {
    future.result();
  } else {
    const Ref<FutureState<typename F::value_type>> state(future.typed());
    future = {};
    co_return state->take_value();
  }
}

}  // namespace detail

/// The result of `as_completed`: futures of type F, one after the other as they end. A handle;
/// copies refer to the same iteration. Only the loop's thread may use it.
template <class F>
class [[nodiscard]] AsCompleted {
 public:
  explicit AsCompleted(detail::Ref<detail::Completions<F>> completions)
      : completions_(std::move(completions)) {}

  /// The next future that ends, itself and done; an empty one once all were given. Resumes at once
  /// if one has ended and was not given yet. Throws TimeoutError if the time is up, as often as
  /// there are futures that were not given. Cancelling it loses nothing: the next call goes on.
  Coro<F> next() const { return detail::next_future<F>(completions_); }

  /// For range-for, and for nothing else: each look at an iterator gives another awaitable.
  class Iterator {
   public:
    explicit Iterator(detail::Ref<detail::Completions<F>> completions)
        : completions_(std::move(completions)) {}

    Coro<typename F::value_type> operator*() const {
      completions_->claim();
      return detail::next_result<F>(completions_);
    }
    Iterator& operator++() { return *this; }
    bool operator==(std::default_sentinel_t) const { return !completions_->has_unclaimed(); }

   private:
    detail::Ref<detail::Completions<F>> completions_;
  };

  /// An awaitable for each future that was not given yet. The first that is awaited gives the
  /// result of the first future that ends, and so on; or throws what that failed with, or
  /// TimeoutError. A loop that was broken off can be followed by another one, which goes on from
  /// there.
  ///
  ///     for (auto next : finished) use(co_await std::move(next));
  Iterator begin() const { return Iterator(completions_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  detail::Ref<detail::Completions<F>> completions_;
};

/// Hands out awaitables in the order in which they end. Coroutines become tasks at once; a future
/// given twice counts once.
///
///     auto finished = aio::as_completed(tasks);
///     while (auto task = co_await finished.next()) use(task.result());
///
/// If `timeout` passes first, those that are left throw TimeoutError where they are awaited;
/// nothing is cancelled then, nor when the iteration is dropped. Throws RuntimeError where no loop
/// runs, ValueError for another loop's future, or NaN.
template <class A>
  requires detail::Awaitable<A>
auto as_completed(std::vector<A> awaitables, detail::TimeLimit timeout = std::nullopt) {
  detail::LoopState& loop = detail::require_running_loop();
  using F = detail::FutureOf<A>;
  std::vector<F> futures;
  std::unordered_set<const detail::FutureBase*> seen;
  futures.reserve(awaitables.size());
  for (A& awaitable : awaitables) {
    F future = detail::ensure_future(loop, std::move(awaitable));
    if (seen.insert(future.state().get()).second) futures.push_back(std::move(future));
  }
  return AsCompleted<F>(
      detail::make_ref<detail::Completions<F>>(loop, std::move(futures), timeout));
}

/// Refused: one awaitable alone has no order.
template <class A>
  requires detail::Awaitable<std::decay_t<A>>
auto as_completed(A&&, detail::TimeLimit = std::nullopt) {
  static_assert(!detail::Awaitable<std::decay_t<A>>,
                "as_completed() takes a std::vector of awaitables");
}

}  // namespace aio
