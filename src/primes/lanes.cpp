#include "primes/lanes.hpp"

namespace primes::detail {

#if defined(__x86_64__)
bool lanes_available() noexcept {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512ifma");
}
#else
bool lanes_available() noexcept { return false; }
#endif

}  // namespace primes::detail
