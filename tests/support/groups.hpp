#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aio/exception_group.hpp"
#include "aio/try_finally.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"

namespace support {

/// What every member of a group says, in order.
inline std::vector<std::string> texts_of(const aio::ExceptionGroup& group) {
  std::vector<std::string> texts;
  for (const std::exception_ptr& exception : group.exceptions()) {
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& error) {
      texts.emplace_back(error.what());
    } catch (const aio::CancelledError&) {
      texts.emplace_back("cancelled");
    } catch (...) {
      texts.emplace_back("other");
    }
  }
  return texts;
}

/// The group that was thrown; of one member, "no group", if it was something else.
inline aio::ExceptionGroup group_in(const std::exception_ptr& exception) {
  try {
    if (exception) std::rethrow_exception(exception);
  } catch (const aio::ExceptionGroup& group) {
    return group;
  } catch (...) {
  }
  return {"no group", {std::make_exception_ptr(std::runtime_error("no group"))}};
}

inline aio::ExceptionGroup group_in(const Outcome& outcome) { return group_in(outcome.failed); }

/// A body for `with` on a TaskGroup, awaited to its end, whatever that is.
template <class Body>
aio::Coro<Outcome> outcome_of_group(Body body) {
  co_return co_await outcome_of(aio::with(aio::TaskGroup(), std::move(body)));
}

/// Takes `time` to clean up once it is cancelled.
inline aio::Coro<void> clean_up_for(aio::Duration time) {
  const auto cleanup = [](aio::Duration delay) -> aio::Coro<void> { co_await aio::sleep(delay); };
  co_await aio::try_finally(sleep_an_hour(), std::bind_front(cleanup, time));
}

/// Has been cancelled, has refused, and goes on: its count of cancellations is 1 for good.
inline aio::Coro<void> swallow_a_cancellation() {
  aio::current_task().cancel("long ago");
  const Outcome outcome = co_await outcome_of(aio::sleep(0));
  CHECK(outcome.cancelled.has_value());
  CHECK(aio::current_task().cancelling() == 1);
}

}  // namespace support
