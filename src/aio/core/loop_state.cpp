#include "aio/detail/loop_state.hpp"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <utility>

#include "aio/detail/task_core.hpp"
#include "aio/error.hpp"
#include "aio/exception_group.hpp"

namespace aio::detail {

constinit std::array<LoopState*, LoopState::numbers> LoopState::by_number_{};

namespace {

/// Guards the table while a number is given out or comes back. Who looks up a loop needs no lock:
/// the loop has had its number for longer than anybody has known it.
constinit std::mutex numbers_mutex;
/// None below it is free. So the least comes first, and few loops touch little of the table.
constinit std::size_t first_to_try = 0;

}  // namespace

std::uint16_t LoopState::take_number(LoopState& loop) {
  const std::lock_guard lock(numbers_mutex);
  while (first_to_try < numbers && by_number_[first_to_try]) ++first_to_try;
  if (first_to_try == numbers) {
    throw RuntimeError("there are 65536 event loops already, with those that a future is kept of");
  }
  by_number_[first_to_try] = &loop;
  return static_cast<std::uint16_t>(first_to_try);
}

LoopState::LoopState() : number_(take_number(*this)) {}

LoopState::~LoopState() {
  const std::lock_guard lock(numbers_mutex);
  by_number_[number_] = nullptr;
  first_to_try = std::min<std::size_t>(first_to_try, number_);
}

void LoopState::check_open() const {
  require_own_thread();
  if (closed_) throw RuntimeError("Event loop is closed");
}

void LoopState::check_thread() const {
  if (is_own_thread() || !is_running()) return;
  throw RuntimeError(
      "Non-thread-safe operation invoked on an event loop other than the current one: use "
      "call_soon_threadsafe()");
}

void LoopState::end_holding_here() noexcept {
  add_ref();  // what is held has this one
  const std::int64_t change = std::exchange(held_here_, 0) - may_run;
  if (held_elsewhere_.fetch_add(change, std::memory_order_acq_rel) + change == 0) release();
}

void LoopState::report(const ExceptionContext& context) noexcept {
  // The thread first: on another one the rest must not be looked at.
  const bool can_ask = is_own_thread() && event_loop && !closed_;
  can_ask ? call_exception_handler(context) : print_report(context);
}

void throw_no_running_loop() { throw RuntimeError("no running event loop"); }

void require_no_running_loop(const char* who) {
  if (!running_loop()) return;
  throw RuntimeError(std::string(who) + " cannot be called while an event loop runs");
}

void print_report(const ExceptionContext& context) noexcept {
  const std::string what = context.exception ? ": " + describe(context.exception) : "";
  std::fprintf(stderr, "aio: %s%s\n", context.message.c_str(), what.c_str());
}

}  // namespace aio::detail
