#pragma once

#include <exception>

#include "aio/error.hpp"
#include "support/await.hpp"

namespace support {

/// Whether it is a TimeoutError with the CancelledError nested that it was made of.
inline bool timed_out(const Outcome& outcome) {
  try {
    if (outcome.failed) std::rethrow_exception(outcome.failed);
  } catch (const aio::TimeoutError& error) {
    try {
      std::rethrow_if_nested(error);
    } catch (const aio::CancelledError&) {
      return true;
    }
  } catch (...) {
  }
  return false;
}

}  // namespace support
