#pragma once

#include "aio/aio.hpp"

namespace jobs {

/// Resumes when `fd` can be read (data, its end, or an error), at once if it cannot be polled, as a
/// regular file cannot. Neither of the two changes the mode of `fd`: others may share it.
aio::Coro<void> readable(int fd);

/// Resumes when `fd` can be written to, or is in error.
aio::Coro<void> writable(int fd);

/// Whether a read of `fd`, or a write to it, would not wait, now.
bool is_readable_now(int fd);
bool is_writable_now(int fd);

}  // namespace jobs
