#include "aio/prompt_wakes.hpp"

#include <cstdint>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace aio {

#if defined(__linux__) && defined(SYS_sched_setattr)

namespace {

/// The kernel's `struct sched_attr` in its first form, which the C library does not know, or has
/// from the kernel's headers too.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  // of an ordinary thread: its slice
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

constexpr std::uint64_t slice_ns = 100'000;
constexpr std::uint64_t reset_on_fork = 1;

bool read_attributes(SchedulingAttributes& attributes) {
  return ::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) == 0;
}

}  // namespace

// Older kernels accept a slice and do nothing with it: what they say afterwards tells.
bool request_prompt_wakes() noexcept {
  SchedulingAttributes attributes;
  if (!read_attributes(attributes)) return false;
  attributes.runtime = slice_ns;
  attributes.flags |= reset_on_fork;
  if (::syscall(SYS_sched_setattr, 0, &attributes, 0) != 0) return false;
  return read_attributes(attributes) && attributes.runtime == slice_ns;
}

#else

bool request_prompt_wakes() noexcept { return false; }

#endif

}  // namespace aio
