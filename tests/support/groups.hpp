#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aio/exception_group.hpp"
#include "support/await.hpp"

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

}  // namespace support
