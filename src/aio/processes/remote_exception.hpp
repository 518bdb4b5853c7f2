#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace aio::detail {

/// The exception that is being handled, as it travels from a worker process: its type and its text.
std::string write_current_exception();

/// The exception that such text stands for: the same one if it is one of the standard library's or
/// of aio's, else a RemoteError.
std::exception_ptr read_exception(std::string_view bytes);

}  // namespace aio::detail
