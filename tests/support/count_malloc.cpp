#include "support/count_malloc.hpp"

#include <atomic>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SUPPORT_OWN_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SUPPORT_OWN_MALLOC 0
#endif
#endif
#if !defined(SUPPORT_OWN_MALLOC) && defined(__GLIBC__)
#define SUPPORT_OWN_MALLOC 1
#endif

namespace {

std::atomic<std::size_t> mallocs = 0;

}  // namespace

namespace support {

bool counts_malloc() { return SUPPORT_OWN_MALLOC; }
std::size_t malloc_count() { return mallocs; }

}  // namespace support

#if SUPPORT_OWN_MALLOC

// The program's malloc takes the place of the C library's, which goes by these names too.
extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);

void* malloc(std::size_t size) {
  mallocs.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  mallocs.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) {
  mallocs.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(block, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  mallocs.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, size);
}
void free(void* block) { __libc_free(block); }

}  // extern "C"

#endif
