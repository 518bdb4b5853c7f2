#pragma once

#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "aio/aio.hpp"

namespace support {

/// How an await ended. The test framework's checks do not take a `co_await`, and these do it for
/// them.
struct Outcome {
  bool returned = false;
  std::optional<aio::CancelledError> cancelled;
  std::exception_ptr failed;

  template <class E>
  bool threw() const {
    try {
      if (failed) std::rethrow_exception(failed);
    } catch (const E&) {
      return true;
    } catch (...) {
      return false;
    }
    return false;
  }
};

/// Awaits, and never throws.
template <class A>
aio::Coro<Outcome> outcome_of(A awaitable) {
  Outcome outcome;
  try {
    static_cast<void>(co_await std::move(awaitable));
    outcome.returned = true;
  } catch (const aio::CancelledError& error) {
    outcome.cancelled = error;
  } catch (...) {
    outcome.failed = std::current_exception();
  }
  co_return outcome;
}

/// What the loop's exception handler was told while this lives.
class Reports {
 public:
  explicit Reports(aio::EventLoop& loop) : loop_(loop) {
    loop_.set_exception_handler([this](aio::EventLoop&, const aio::ExceptionContext& context) {
      messages.push_back(context.message);
    });
  }
  Reports(const Reports&) = delete;
  Reports& operator=(const Reports&) = delete;
  ~Reports() { loop_.set_exception_handler(nullptr); }

  std::vector<std::string> messages;

 private:
  aio::EventLoop& loop_;
};

/// Lets the loop make `turns` turns.
inline aio::Coro<void> turns(int count) {
  for (int i = 0; i < count; ++i) co_await aio::sleep(0);
}

}  // namespace support
