#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "aio/detail/future_state.hpp"
#include "aio/error.hpp"
#include "aio/exception_group.hpp"

namespace aio {

/// How an awaitable ended: with a value, or with what it threw. What
/// `gather(return_exceptions, …)` gives for each of its arguments.
template <class T = void>
class [[nodiscard]] Outcome {
 public:
  using value_type = T;

  /// Ended with a value; for void, with none.
  static Outcome success(detail::ValueOf<T> value = {}) {
    Outcome outcome;
    outcome.value_.emplace(std::move(value));
    return outcome;
  }
  /// Ended with an exception, which must not be null.
  static Outcome failure(std::exception_ptr exception) {
    detail::require(exception != nullptr, "Outcome::failure() needs an exception");
    Outcome outcome;
    outcome.exception_ = std::move(exception);
    return outcome;
  }

  bool has_value() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }

  /// Whether it ended with CancelledError.
  bool cancelled() const { return exception_ && detail::holds<CancelledError>(exception_); }

  /// The value, or throws the exception.
  decltype(auto) value() const& {
    rethrow();
    if constexpr (!std::is_void_v<T>) return (*value_);
  }
  T value() && {
    rethrow();
    if constexpr (!std::is_void_v<T>) return std::move(*value_);
  }

  /// Its exception, CancelledError included; null if it has a value.
  const std::exception_ptr& exception() const noexcept { return exception_; }

 private:
  Outcome() = default;
  void rethrow() const {
    if (exception_) std::rethrow_exception(exception_);
  }

  std::optional<detail::ValueOf<T>> value_;
  std::exception_ptr exception_;  // null if there is a value
};

namespace detail {

/// How a done future ended. Its failure counts as seen.
template <class T>
Outcome<T> outcome_of(FutureState<T>& future) {
  try {
    return Outcome<T>::success(future.share_value());
  } catch (...) {
    return Outcome<T>::failure(std::current_exception());
  }
}

}  // namespace detail
}  // namespace aio
