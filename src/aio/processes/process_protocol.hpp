#pragma once

#include <cstdint>

namespace aio::detail {

/// The messages between a pool and a worker, over one socket. Each has a head, the size of the body
/// in eight bytes, in the machine's own order, and a body. The pool's messages are calls: a
/// function's name and its arguments. The head of a worker's message has one byte more, its kind.
using MessageSize = std::uint64_t;

enum class ReplyKind : char {
  ready = 'r',    ///< the worker waits for its first call
  called = 'c',   ///< the function is about to be called
  result = 'v',   ///< the value that the function returned
  failure = 'e',  ///< the exception that it threw
  unknown = 'u',  ///< the name of a function that the worker does not know
};

/// The environment variable that tells a worker the number of its socket.
inline constexpr const char* worker_variable = "AIO_PROCESS_WORKER";

/// Whether this process may start workers: a worker whose `main` did not become one would start
/// copies of itself, and they too, without end.
bool may_start_workers();

}  // namespace aio::detail
