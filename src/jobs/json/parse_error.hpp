#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "jobs/json/fault.hpp"

namespace jobs {

/// A fault of a list as it is reported: its place, the mistake and the expectation.
struct ParseError {
  std::size_t line = 1;    ///< 1-based
  std::size_t column = 1;  ///< 1-based, in bytes
  std::string pointer;     ///< JSON Pointer; the root prints as `/`
  std::string message;

  /// `FILE:LINE:COLUMN: POINTER: message`, without a newline.
  std::string to_string(std::string_view file) const;
};

namespace detail {

/// The report of a fault of `text`.
ParseError parse_error(std::string_view text, const Fault& fault);

}  // namespace detail
}  // namespace jobs
