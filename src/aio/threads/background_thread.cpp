#include "aio/threads/background_thread.hpp"

#ifdef __linux__

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace aio::detail {

namespace {

/// How much nicer than before, of 20 steps. Each step gives a busy thread a tenth less beside one
/// that did not take it, so ten leave it about a tenth where both want the same processor.
constexpr int steps_back = 10;
constexpr int nicest = 19;

/// The kernel's `struct sched_attr` in its first form, which the C library does not know.
struct Scheduling {
  std::uint32_t size = sizeof(Scheduling);
  std::uint32_t policy = SCHED_BATCH;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  // 0: time slices of the usual length, whatever the creator had asked
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};
static_assert(sizeof(Scheduling) == 48);

}  // namespace

// To Linux, "the calling process" is the calling thread in all of these. Whoever gave the program
// another policy, an idle or a real-time one, has decided already.
void put_this_thread_in_background() noexcept {
  if (sched_getscheduler(0) != SCHED_OTHER) return;
  Scheduling wanted;
  wanted.nice = std::min(nicest, getpriority(PRIO_PROCESS, 0) + steps_back);
  if (syscall(SYS_sched_setattr, 0, &wanted, 0) == 0) return;
  setpriority(PRIO_PROCESS, 0, wanted.nice);  // a sandbox may know this one alone
}

}  // namespace aio::detail

#else

namespace aio::detail {

void put_this_thread_in_background() noexcept {}

}  // namespace aio::detail

#endif
