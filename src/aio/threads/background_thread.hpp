#pragma once

namespace aio::detail {

/// Has the calling thread step back behind the others of its process and of the machine: it gets
/// the processor when they leave it, and does not take it from them when it wakes. A thread has
/// that for good: to undo it takes a privilege. Linux; elsewhere nothing.
void put_this_thread_in_background() noexcept;

}  // namespace aio::detail
