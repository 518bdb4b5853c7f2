#pragma once

// AIO_SANITIZED is defined where a sanitizer has allocation functions of its own, which Clang does
// not let a program replace: a test that counts allocations runs there, and counts nothing.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define AIO_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define AIO_SANITIZED
#endif
