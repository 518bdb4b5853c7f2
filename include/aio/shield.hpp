#pragma once

#include <exception>
#include <type_traits>
#include <utility>

#include "aio/event_loop.hpp"

namespace aio {

namespace detail {

/// Once `future` is done: if it failed and nobody has looked at that, has it reported. Once only,
/// however often this was called for the future.
void report_failure_when_done(const AnyFuture& future);

/// A shield's future: it ends as another one does, and cancelling it does not cancel that one.
template <class T>
class ShieldState final : public PlainFuture<T> {
 public:
  ShieldState(LoopState& loop, Future<T> inner) : PlainFuture<T>(loop), inner_(std::move(inner)) {
    handle_ = inner_.add_done_callback([this](const AnyFuture&) { on_inner_done(); });
    handle_.serve(*this, "shield");
  }

  bool cancel(const CancelledError& request) override {
    const bool cancelled = FutureState<T>::cancel(request);
    if (cancelled && inner_.remove_done_callback(handle_) > 0) report_failure_when_done(inner_);
    return cancelled;
  }

  std::string describe() const override { return inner_.state()->describe() + " in a shield"; }

 private:
  ~ShieldState() override { inner_.cancel_done_callback(handle_); }

  void on_inner_done() {
    if (this->done()) return;
    try {
      this->set_value(inner_.typed().share_value());
    } catch (const CancelledError& error) {
      if (inner_.cancelled()) return this->finish_cancelled(error);
      this->set_exception(std::current_exception());
    } catch (...) {
      this->set_exception(std::current_exception());
    }
  }

  Future<T> inner_;
  DoneHandle handle_;
};

}  // namespace detail

/// A future that ends as `awaitable` does: with its result, its failure or its cancellation. A
/// coroutine becomes a task at once. What is done already is returned as it is.
///
///     co_await aio::shield(save());  // goes on if this task is cancelled
///
/// Cancelling the shield, as the cancellation of who awaits it does, leaves `awaitable` running. If
/// that fails later, and nobody else has looked at it by then, the failure goes to the exception
/// handler, once. A shield that nobody holds is gone, and `awaitable` goes on. Throws RuntimeError
/// where no loop runs, unless given a future.
template <class A>
  requires detail::Awaitable<std::decay_t<A>>
auto shield(A&& awaitable) {
  using T = typename detail::FutureOf<A>::value_type;
  if constexpr (!detail::IsFuture<A>) {
    return shield(detail::ensure_future(detail::require_running_loop(),  //
                                        std::forward<A>(awaitable)));
  } else {
    Future<T> inner(std::forward<A>(awaitable));
    if (inner.done()) return inner;
    detail::LoopState& loop = inner.state()->loop();
    auto state = detail::make_ref<detail::ShieldState<T>>(loop, std::move(inner));
    return Future<T>(detail::Ref<detail::FutureState<T>>(std::move(state)));
  }
}

}  // namespace aio
