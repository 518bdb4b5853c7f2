#pragma once

namespace aio::detail {

/// What is known of libuv's thread pool, which is one for the process: how many threads it has or will
/// have, and how many of them the executors have reserved. Any thread may call.
namespace pool {

/// Reserves `workers` threads. Throws RuntimeError if so many are not left.
void reserve(unsigned workers);
/// Reserves as many as are left, from 1 to `most`; how many. Throws RuntimeError if none is left.
unsigned reserve_up_to(unsigned most);
void release(unsigned workers) noexcept;

/// Fixes the pool's size. To be called before work is first queued.
void start();

/// What a default executor would like: min(32, CPUs + 4), as in CPython.
unsigned default_workers();

}  // namespace pool
}  // namespace aio::detail
