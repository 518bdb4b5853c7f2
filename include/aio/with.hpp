#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "aio/task.hpp"

namespace aio {

namespace detail {

/// A type that `with` can enter: Python's asynchronous context manager. `enter()` and
/// `exit(exception)` are coroutine functions; the exception is that of the body, or null. An `exit`
/// that is a Coro<bool> takes the exception away by returning true; one that is a Coro<void> can
/// only let it pass, or throw another.
template <class M>
concept ContextManager = requires(M& manager) {
  { manager.enter() } -> IsCoro;
  { manager.exit(std::exception_ptr()) } -> IsCoro;
};

/// The manager itself, also where it is held by reference.
template <class M>
using ManagerOf = std::remove_reference_t<std::unwrap_reference_t<M>>;

template <class Body, class M>
decltype(auto) invoke_body(Body& body, M& manager) {
  if constexpr (std::invocable<Body&, M&>) {
    return std::invoke(body, manager);
  } else {
    return std::invoke(body);
  }
}

template <class Body, class M>
using BodyCoro = decltype(invoke_body(std::declval<Body&>(), std::declval<ManagerOf<M>&>()));

template <class M, class Body, class T = typename CoroTraits<BodyCoro<Body, M>>::value_type>
Coro<T> enter_and_exit(M held, Body body) {
  ManagerOf<M>& manager = held;
  constexpr bool may_suppress =
      std::is_same_v<decltype(manager.exit(std::exception_ptr())), Coro<bool>>;
  static_assert(!may_suppress || std::is_void_v<T>,
                "this scope may end without its body's result: let the body return void");
  std::optional<ValueOf<T>> result;
  std::exception_ptr exception;
  co_await manager.enter();
  try {
    if constexpr (std::is_void_v<T>) {
      co_await invoke_body(body, manager);
    } else {
      result.emplace(co_await invoke_body(body, manager));
    }
  } catch (...) {
    exception = std::current_exception();
  }
  if constexpr (may_suppress) {
    if (co_await manager.exit(exception)) exception = nullptr;
  } else {
    co_await manager.exit(exception);
  }
  if (exception) std::rethrow_exception(exception);
  if constexpr (!std::is_void_v<T>) co_return std::move(*result);
}

}  // namespace detail

/// Python's `async with`: enters `manager`, runs the coroutine function `body` inside it, and exits
/// it, however the body ends; the exit may itself wait. Gives the result of the body.
///
///     co_await aio::with(aio::timeout(1s), [&](aio::Timeout& scope) -> aio::Coro<void> { … });
///
/// The body takes the manager, or nothing. It may be a lambda with captures: it lives in the frame
/// of `with` until the exit is done. A temporary manager lives there too; a named one is entered
/// itself, and has to live until then.
template <class M, class Body>
  requires detail::ContextManager<std::remove_cvref_t<M>>
auto with(M&& manager, Body&& body) {
  static_assert(detail::can_be_temporary<Body>,
                "GCC 12 destroys a temporary lambda with captures twice in an expression that "
                "awaits: name the lambda first, or capture by reference");
  using Held = std::conditional_t<std::is_lvalue_reference_v<M>,
                                  std::reference_wrapper<std::remove_reference_t<M>>,
                                  std::remove_cvref_t<M>>;
  return detail::enter_and_exit<Held, std::decay_t<Body>>(Held(std::forward<M>(manager)),
                                                          std::forward<Body>(body));
}

}  // namespace aio
