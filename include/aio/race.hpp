#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "aio/event_loop.hpp"

namespace aio {

/// The winner of a race, and its outcome.
template <class V>
class Winner {
 public:
  Winner(std::size_t first, V result) : index(first), value(std::move(result)) {}

  std::size_t index;  ///< its place among the arguments, from 0
  V value;            ///< its result
};

namespace detail {

/// Waits until all of `runners` are done, having cancelled the others when the first one was. Gives
/// the place of the first. If it is itself cancelled, it cancels them all, waits no less, and
/// throws CancelledError. It looks at no result.
Coro<std::size_t> run_race(std::vector<AnyFuture> runners);

void require_loop_of(LoopState& loop, const AnyFuture& future);
template <class A>
void require_can_race(LoopState& loop, const A& awaitable) {
  if constexpr (IsFuture<A>) require_loop_of(loop, awaitable);
}

/// The result of the winner: of the one type that all have, or a std::variant with an alternative
/// for each. void is std::monostate.
template <class First, class... Rest>
struct RaceValues {
  using type =
      std::conditional_t<(std::is_same_v<First, Rest> && ...), First, std::variant<First, Rest...>>;
  static constexpr bool same = (std::is_same_v<First, Rest> && ...);
};

template <class... A>
using RaceValuesOf = RaceValues<ValueOf<typename FutureOf<A>::value_type>...>;

template <class... A>
using WinnerOf = Winner<typename RaceValuesOf<A...>::type>;

template <class... A, std::size_t... places>
WinnerOf<A...> winner_of(std::tuple<FutureOf<A>...>& futures, std::size_t index,
                         std::index_sequence<places...>) {
  using Values = RaceValuesOf<A...>;
  std::optional<typename Values::type> value;
  const auto take = [&]<std::size_t place>(std::in_place_index_t<place> in_place) {
    if (place != index) return;
    if constexpr (Values::same) {
      value.emplace(std::get<place>(futures).typed().take_value());
    } else {
      value.emplace(in_place, std::get<place>(futures).typed().take_value());
    }
  };
  (take(std::in_place_index<places>), ...);
  return {index, std::move(*value)};
}

template <class... A>
Coro<WinnerOf<A...>> race(A... awaitables) {
  LoopState& loop = require_running_loop();
  (require_can_race(loop, awaitables), ...);  // before any of them has started
  std::tuple<FutureOf<A>...> futures{ensure_future(loop, std::move(awaitables))...};
  std::vector<AnyFuture> runners =
      std::apply([](const auto&... f) { return std::vector<AnyFuture>{f...}; }, futures);
  const std::size_t index = co_await run_race(std::move(runners));
  co_return winner_of<A...>(futures, index, std::index_sequence_for<A...>());
}

template <class A>
Coro<WinnerOf<A>> race_all(std::vector<A> awaitables) {
  LoopState& loop = require_running_loop();
  if (awaitables.empty()) throw ValueError("race() needs at least one awaitable");
  for (const A& awaitable : awaitables) require_can_race(loop, awaitable);
  std::vector<FutureOf<A>> futures;
  futures.reserve(awaitables.size());
  for (A& awaitable : awaitables) futures.push_back(ensure_future(loop, std::move(awaitable)));
  awaitables.clear();
  std::vector<AnyFuture> runners(futures.begin(), futures.end());
  const std::size_t index = co_await run_race(std::move(runners));
  co_return WinnerOf<A>(index, futures[index].typed().take_value());
}

template <class A>
inline constexpr bool can_be_moved_in = IsFuture<A> || !std::is_lvalue_reference_v<A>;

}  // namespace detail

/// Runs awaitables at the same time until one is done, cancels the others, waits for their end, and
/// gives the first one's result: none is left running.
///
///     const auto [index, value] = co_await aio::race(fetch(mirror), fetch(other_mirror));
///
/// Coroutines become tasks when the race is awaited, unless a future among the arguments is done
/// already: it wins at once, and they never start. The value is of the one type that all have in
/// common, else a std::variant with an alternative for each argument; void is std::monostate.
///
/// If the first one failed, or was cancelled, the race throws that, once all have ended. The
/// failure of another one does not make the race fail, as the winner's result is there: unless the
/// program looks at that task, the failure is reported to the exception handler.
/// Cancelling the race cancels all and waits for them, then throws CancelledError; tasks and
/// futures that were handed in are cancelled like the rest. Throws RuntimeError where no loop runs,
/// ValueError for another loop's future; then nothing has started.
template <class... A>
  requires(detail::Awaitable<std::decay_t<A>> && ...)
auto race(A&&... awaitables) {
  static_assert(sizeof...(A) > 0, "race() needs at least one awaitable");
  static_assert((detail::can_be_moved_in<A> && ...),
                "a Coro is awaited once: pass std::move(coro)");
  return detail::race<std::decay_t<A>...>(std::forward<A>(awaitables)...);
}

/// The same for any number of one type. Throws ValueError, when awaited, if there is none.
template <class A>
  requires detail::Awaitable<A>
auto race(std::vector<A> awaitables) {
  return detail::race_all<A>(std::move(awaitables));
}

}  // namespace aio
