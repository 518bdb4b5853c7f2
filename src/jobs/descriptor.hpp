#pragma once

#include <cstddef>
#include <span>
#include <string>

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

/// Reads some of what `fd` has into `room`, waiting for something if need be, and other tasks have
/// their turn in any case. Returns how many bytes; 0 at the end. Throws std::system_error.
aio::Coro<std::size_t> read_into(int fd, std::span<char> room);

/// Appends some of what `fd` has to `buffer` in the same way; false at its end.
aio::Coro<bool> read_some(int fd, std::string& buffer);

}  // namespace jobs
