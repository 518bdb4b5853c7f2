#pragma once

#include <doctest/doctest.h>

namespace support {

/// Whether a test may leave the process without descriptors. Not under AddressSanitizer and its
/// companion, which look at memory by way of a pipe: the test says so, and is left out.
inline bool can_run_out_of_descriptors() {
#if defined(__SANITIZE_ADDRESS__)
  MESSAGE("left out: the sanitizer needs descriptors of its own");
  return false;
#else
  return true;
#endif
}

}  // namespace support
