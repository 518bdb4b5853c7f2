#pragma once

#include <concepts>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "aio/event_loop.hpp"

namespace aio {

/// When `wait` is to return.
enum class ReturnWhen { FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED };
using enum ReturnWhen;

/// The result of `wait`: the futures that are done and those that are not, each in the order they
/// were given.
template <class F>
struct WaitResult {
  std::vector<F> done;
  std::vector<F> pending;
};

namespace detail {

/// The event that a `wait` itself waits for.
class WaitFuture final : public PlainFuture<void> {
 public:
  using PlainFuture<void>::PlainFuture;
  const char* word() const noexcept override { return "wait"; }
};

/// Counts down the futures that a `wait` waits for, and wakes it.
class WaitCounter {
 public:
  WaitCounter(LoopState& loop, ReturnWhen return_when)
      : waiter_(make_ref<WaitFuture>(loop)), return_when_(return_when) {}
  WaitCounter(const WaitCounter&) = delete;
  WaitCounter& operator=(const WaitCounter&) = delete;
  ~WaitCounter();

  void watch(const AnyFuture& future);
  void set_timeout(Duration timeout);
  const Future<void>& waiter() const { return waiter_; }

 private:
  void on_done(const AnyFuture& future);
  void wake();

  Future<void> waiter_;
  ReturnWhen return_when_;
  std::vector<std::pair<AnyFuture, DoneHandle>> watched_;
  std::size_t left_ = 0;
  TimerHandle timer_;
  bool has_timer_ = false;
};

void require_waitable(const std::vector<AnyFuture>& futures, ReturnWhen return_when);

template <class F>
Coro<WaitResult<F>> wait(std::vector<F> futures, std::optional<Duration> timeout,
                         ReturnWhen return_when) {
  const std::vector<AnyFuture> all(futures.begin(), futures.end());
  require_waitable(all, return_when);
  {
    WaitCounter counter(require_running_loop(), return_when);
    if (timeout) counter.set_timeout(*timeout);
    for (const AnyFuture& future : all) counter.watch(future);
    co_await counter.waiter();
  }
  WaitResult<F> result;
  std::unordered_set<const FutureBase*> seen;
  for (F& future : futures) {
    if (!seen.insert(future.state().get()).second) continue;
    (future.done() ? result.done : result.pending).push_back(std::move(future));
  }
  co_return result;
}

}  // namespace detail

/// Waits for futures or tasks until all are done, or as `return_when` says, or `timeout` has
/// passed, and returns those that are done and those that are not. It lets others run even if all
/// are done already.
///
/// It never throws what they failed with, and a timeout throws nothing and cancels nothing;
/// cancelling the wait leaves them running. A future given twice counts once. Throws ValueError for
/// an empty list, or for a `return_when` that is none. Coroutines have to be made tasks first.
template <std::derived_from<AnyFuture> F>
Coro<WaitResult<F>> wait(std::vector<F> futures, ReturnWhen return_when = ALL_COMPLETED) {
  return detail::wait(std::move(futures), std::nullopt, return_when);
}
template <std::derived_from<AnyFuture> F, class Rep, class Period>
Coro<WaitResult<F>> wait(std::vector<F> futures, std::chrono::duration<Rep, Period> timeout,
                         ReturnWhen return_when = ALL_COMPLETED) {
  return detail::wait(std::move(futures), to_duration(timeout), return_when);
}

}  // namespace aio
