#pragma once

#include <chrono>
#include <stdexcept>

#include "aio/event_loop.hpp"
#include "aio/sleep.hpp"

namespace support {

/// The running loop's time.
inline aio::TimePoint now() { return aio::get_running_loop().time(); }

/// Sleeps far longer than anything else in a test takes.
inline aio::Coro<void> sleep_an_hour() { co_await aio::sleep(std::chrono::hours(1)); }

/// Throws std::runtime_error in `delay`.
template <class T = void>
aio::Coro<T> fail_after(aio::Duration delay, const char* what = "failed") {
  co_await aio::sleep(delay);
  throw std::runtime_error(what);
}

}  // namespace support
