#pragma once

namespace aio {

/// Asks the kernel to let this thread run in slices of 0.1 ms, of the usual length when it has
/// much to do. A thread that wakes then gets its processor from one that computes at once, and not
/// up to 4 ms later: timers are punctual though all processors are busy. Meant for the thread that
/// runs a loop, which works a little and waits; it gets no more processor time by it. No privilege
/// is needed.
///
/// Threads and processes that it makes later do not inherit the slice. Nor, from then on, do they
/// inherit a real-time policy or a niceness below 0 that it is given afterwards: they start as
/// ordinary ones. Without privilege that cannot be undone.
///
/// True if the kernel does so: Linux from 6.12 on, for a thread of the ordinary policy
/// (SCHED_OTHER) and a niceness of 0 or more. Otherwise nothing has changed. It does not throw. Any
/// thread may call it, for itself.
bool request_prompt_wakes() noexcept;

}  // namespace aio
