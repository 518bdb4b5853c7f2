#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "aio/run.hpp"

namespace aio::testing {

/// Makes an EventLoop whose clock is virtual, so that a test of a 24-hour wait takes no time and
/// its times are exact.
///
/// The clock is what `EventLoop::time()` says, and what `sleep`, `call_later` and `call_at` go by.
/// It stands at 0 when the loop is made. It stands still while anything is ready and while pool
/// work is queued or running, so work that takes a second of real time takes none; code that only
/// computes takes none either. When nothing is left to do but to wait, it jumps to the next
/// deadline. It never goes back, and goes on with the next run.
///
/// Events from outside are not waited for, other than pool work: a signal, a descriptor or a call
/// from another thread comes in when the loop looks, which it does before every jump. While no
/// deadline is pending either, the loop waits for them as any other.
struct VirtualTime {};
inline constexpr VirtualTime virtual_time{};

/// Decides in which order tasks that are ready at the same time take their steps; see `seed`.
class Seed {
 public:
  constexpr explicit Seed(std::uint64_t number) : number_(number) {}
  constexpr std::uint64_t number() const { return number_; }

 private:
  std::uint64_t number_;
};

/// An order for `run`, or for a loop: `EventLoop(virtual_time, seed(42))`.
///
/// asyncio's programs tend to rely on tasks taking their steps in the order in which they became
/// ready. Under a seed they take them, in each turn, in an order that follows from the seed alone;
/// so a program that is right for some orders only fails for some seeds, and for the same ones
/// every time. Callbacks (`call_soon` and its kin, done callbacks) keep their order and their
/// places among the steps: that they are called in the order of their scheduling is a promise.
constexpr Seed seed(std::uint64_t number) { return Seed(number); }

/// The seed that the environment has as AIO_SEED, or else a random one. Throws ValueError if that
/// is no number.
Seed seed();

namespace detail {

void report_seed(Seed seed) noexcept;

}  // namespace detail

/// `aio::run` on a loop with virtual time.
template <class... A>
auto run(A&&... main) {
  const auto make_loop = [] { return std::make_unique<EventLoop>(virtual_time); };
  return aio::run(RunnerOptions().loop_factory(make_loop), std::forward<A>(main)...);
}

/// The same with the tasks' steps in the order of `seed`, which is printed on standard error if the
/// run throws: `testing::run(testing::seed(), main)` tries another order each time, and with
/// AIO_SEED in the environment the one that failed.
template <class... A>
auto run(Seed seed, A&&... main) {
  const auto make_loop = [seed] { return std::make_unique<EventLoop>(virtual_time, seed); };
  try {
    return aio::run(RunnerOptions().loop_factory(make_loop), std::forward<A>(main)...);
  } catch (...) {
    detail::report_seed(seed);
    throw;
  }
}

}  // namespace aio::testing
