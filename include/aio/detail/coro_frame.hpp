#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <source_location>

#include "aio/time.hpp"

namespace aio::detail {

/// A coroutine, as its task and inspection see it: what all promises have in common. It says where
/// the coroutine is, who awaits it and whether it has ended, in two words.
class CoroFrame {
 public:
  bool is_started() const { return link_ != 0; }
  /// Whether it has a result or an exception: it has ended, or is about to.
  bool has_outcome() const { return (link_ & (has_value | has_exception)) != 0; }

  /// The coroutine that awaits it; null for a task's outermost.
  CoroFrame* caller() const {
    if (is_outermost()) return nullptr;
    return reinterpret_cast<CoroFrame*>(static_cast<std::uintptr_t>(link_ & ~all_flags));
  }

  /// Its last co_await; before the first, where it is defined. Only while it has no outcome.
  const std::source_location& where() const { return slot_.where; }

  /// Where to resume it. A promise stands at the same place in every frame: what it holds asks for
  /// no more than the usual alignment.
  std::coroutine_handle<> handle() { return std::coroutine_handle<CoroFrame>::from_promise(*this); }

  // --- For its task.

  /// It is a task's outermost, and starts. It has no caller: the task keeps a time in its place.
  void start_outermost(TimePoint time) noexcept {
    link_ = static_cast<std::uint64_t>(time.time_since_epoch().count()) << flag_bits | outermost;
  }
  bool is_outermost() const { return (link_ & outermost) != 0; }
  TimePoint time() const {
    return TimePoint(std::chrono::nanoseconds(static_cast<std::int64_t>(link_) >> flag_bits));
  }

  void start(CoroFrame& caller) noexcept { link_ = reinterpret_cast<std::uintptr_t>(&caller); }

 protected:
  CoroFrame() = default;
  CoroFrame(const CoroFrame&) = delete;
  CoroFrame& operator=(const CoroFrame&) = delete;
  ~CoroFrame() {
    if (link_ & has_exception) std::destroy_at(&slot_.exception);
  }

  static constexpr std::uint64_t outermost = 1;
  static constexpr std::uint64_t has_value = 2;
  static constexpr std::uint64_t has_exception = 4;
  static constexpr std::uint64_t all_flags = 7;
  static constexpr int flag_bits = 3;

  bool has(std::uint64_t flag) const { return (link_ & flag) != 0; }
  /// A signal handler may look: it is told before `where` is lost, and after it is there.
  void set_outcome(std::uint64_t flag) noexcept {
    link_ = (link_ & ~(has_value | has_exception)) | flag;
    std::atomic_signal_fence(std::memory_order_release);
  }

  /// Once it ends, its outcome takes the place of `where`, if it is an exception or small.
  union Slot {
    Slot() noexcept : where() {}
    ~Slot() {}
    std::source_location where;
    std::exception_ptr exception;
    alignas(8) unsigned char result[8];
  };
  Slot slot_;

 private:
  std::uint64_t link_ = 0;  // 0 until it starts; then flags, and a CoroFrame* or a time
};

/// In debug mode, reports a coroutine that goes without having run.
void report_never_awaited(const CoroFrame& frame) noexcept;

}  // namespace aio::detail
