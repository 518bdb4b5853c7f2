#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

namespace aio {

/// The exception of a cancelled await. It does not derive from std::exception, as Python's does not
/// derive from Exception, so that `catch (const std::exception&)` around an await does not swallow
/// a cancellation. Clean up, then let it pass. Copies share what they say of the cancellation.
class CancelledError {
 public:
  using TimePoint = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

  CancelledError() = default;
  /// `cancelled_by` is who, as `cancelled_by()` has it; `when` is on the loop's clock.
  explicit CancelledError(std::string message, std::string cancelled_by = {},
                          TimePoint when = std::chrono::steady_clock::now());

  /// The reason: the text that `cancel()` was given; empty if none was.
  const std::string& message() const;

  /// The origin: the name of the task that called `cancel()`, or another caller, such as
  /// "timeout"; empty if that is not known.
  const std::string& cancelled_by() const;

  /// When, on the loop's clock.
  TimePoint when() const;

  /// `cancelled by 'worker': too slow`.
  std::string describe() const;

 private:
  struct Origin;
  std::shared_ptr<const Origin> origin_;
};

/// Where CPython raises KeyboardInterrupt: a SIGINT ended what was run. It does not derive from
/// std::exception, as Python's does not derive from Exception. A program that it ends exits with
/// `exit_code`, as a shell reports one that SIGINT ended.
class Interrupted {
 public:
  static constexpr int exit_code = 130;
};

/// Where CPython raises RuntimeError: the loop is closed, or already running, or not running.
class RuntimeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where CPython raises ValueError: the argument has the right type and a wrong value.
class ValueError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// Where CPython raises LookupError: nothing is there under that name.
class LookupError : public std::out_of_range {
 public:
  using std::out_of_range::out_of_range;
};

/// Where CPython raises InvalidStateError: a result asked for before it is there, or set twice.
class InvalidStateError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Where CPython raises TimeoutError.
class TimeoutError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The category of libuv's error codes (negative numbers). Each maps to its std::errc, so that
/// `error.code() == std::errc::no_such_file_or_directory` holds.
const std::error_category& uv_category() noexcept;

namespace detail {

/// Throws std::system_error in the uv category if `status` is a libuv error; `doing` says what
/// failed.
void throw_if_uv_error(int status, const char* doing);

/// Aborts with `what` on standard error: for a use that Python cannot express and C++ cannot
/// recover from, such as awaiting a moved-from coroutine. On in every build.
[[noreturn]] void die(const char* what) noexcept;

inline void require(bool condition, const char* what) noexcept {
  if (!condition) [[unlikely]]
    die(what);
}

}  // namespace detail
}  // namespace aio
