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
constexpr std::uint32_t ordinary_policy = 0;  // SCHED_OTHER

bool read_attributes(SchedulingAttributes& attributes) {
  return ::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) == 0;
}

bool write_attributes(SchedulingAttributes& attributes) {
  return ::syscall(SYS_sched_setattr, 0, &attributes, 0) == 0;
}

}  // namespace

// Older kernels accept a slice and do nothing with it: what they say afterwards tells. Only then is
// it kept from children, for that cannot be taken back without privilege. It would take from them
// whatever puts a thread above ordinary ones: such a thread wakes promptly as it is.
bool request_prompt_wakes() noexcept {
  SchedulingAttributes attributes;
  if (!read_attributes(attributes)) return false;
  if (attributes.policy != ordinary_policy || attributes.nice < 0) return false;
  attributes.runtime = slice_ns;
  if (!write_attributes(attributes) || !read_attributes(attributes)) return false;
  if (attributes.runtime != slice_ns) return false;
  attributes.flags |= reset_on_fork;
  return write_attributes(attributes);
}

#else

bool request_prompt_wakes() noexcept { return false; }

#endif

}  // namespace aio
