#pragma once

#include <cstdint>

namespace aio::detail {

/// What a pool and its workers say to each other, over one socket. Each message is its size, as
/// eight bytes of the machine's own, and then what it says. The pool sends calls: a function's name
/// and its arguments. A worker's messages have one byte more between the two, which says what
/// follows.
using MessageSize = std::uint64_t;

enum class ReplyKind : char {
  ready = 'r',    ///< the worker waits for its first call
  called = 'c',   ///< the function is about to be called
  result = 'v',   ///< what it returned
  failure = 'e',  ///< what it threw
  unknown = 'u',  ///< there is no such function; its name
};

/// The environment variable that tells a worker the number of its socket.
inline constexpr const char* worker_variable = "AIO_PROCESS_WORKER";

/// Whether this process may start workers: a worker whose `main` did not become one would start
/// copies of itself, and they too, without end.
bool may_start_workers();

}  // namespace aio::detail
