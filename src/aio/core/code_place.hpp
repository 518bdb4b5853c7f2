#pragma once

#include <source_location>
#include <string>
#include <string_view>

namespace aio::detail {

/// A function's name without the additions of the compiler: result, parameters, template arguments,
/// anonymous namespaces, and the coroutine frame that GCC names.
std::string short_function(std::string_view pretty);

/// The last part of a path.
std::string_view file_name(std::string_view path);

/// `countdown.cpp:12`.
std::string short_place(const std::source_location& place);

/// Whether a function is aio's own: its coroutines stand between those of the user.
bool is_internal(std::string_view function);

}  // namespace aio::detail
