#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "aio/task.hpp"

namespace aio {

namespace detail {

/// The coroutine that a coroutine function without arguments returns, or the awaitable itself.
template <class Body>
decltype(auto) start_body(Body& body) {
  if constexpr (std::invocable<Body&>) {
    return std::invoke(body);
  } else {
    return std::move(body);
  }
}

template <class Body>
using BodyResult = AwaitResult<decltype(start_body(std::declval<Body&>()))>;

template <class Body, class Cleanup>
Coro<BodyResult<Body>> try_finally(Body body, Cleanup cleanup) {
  using T = BodyResult<Body>;
  std::optional<ValueOf<T>> result;
  std::exception_ptr exception;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await start_body(body);
    } else {
      result.emplace(co_await start_body(body));
    }
  } catch (...) {
    exception = std::current_exception();
  }
  co_await std::invoke(cleanup);
  if (exception) std::rethrow_exception(exception);
  if constexpr (!std::is_void_v<T>) co_return std::move(*result);
}

}  // namespace detail

/// Python's `try: … finally:` with awaits in the `finally`, where C++ allows none: awaits `body`,
/// then `cleanup()`, however the body ended, and gives what the body returned or throws what it
/// threw.
///
///     co_await aio::try_finally(work(), [&]() -> aio::Coro<void> { co_await file.close(); });
///
/// `body` is an awaitable, or a coroutine function without arguments; `cleanup` is a coroutine
/// function without arguments that returns Coro<void>. If the cleanup throws, that replaces what
/// the body threw. Cancelling the task cancels the body, and the cleanup may wait nevertheless; a
/// second cancellation reaches the cleanup. Both functions live until the end, captures included.
template <class Body, class Cleanup>
  requires(detail::Awaitable<std::decay_t<Body>> || detail::CoroFunction<std::decay_t<Body>>) &&
          detail::CoroFunction<std::decay_t<Cleanup>>
auto try_finally(Body&& body, Cleanup&& cleanup) {
  static_assert(std::is_same_v<std::invoke_result_t<std::decay_t<Cleanup>&>, Coro<void>>,
                "the result of a cleanup goes nowhere: let it return Coro<void>");
  constexpr bool body_lasts =
      detail::can_be_temporary<Body> || detail::Awaitable<std::decay_t<Body>>;
  static_assert(body_lasts && detail::can_be_temporary<Cleanup>,
                "GCC 12 destroys a temporary lambda with captures twice in an expression that "
                "awaits: name the lambda first, or capture by reference");
  return detail::try_finally<std::decay_t<Body>, std::decay_t<Cleanup>>(
      std::forward<Body>(body), std::forward<Cleanup>(cleanup));
}

}  // namespace aio
