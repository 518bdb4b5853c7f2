#include "jobs/json/parse_error.hpp"

namespace jobs {

std::string ParseError::to_string(std::string_view file) const {
  std::string text(file);
  text.append(1, ':').append(std::to_string(line));
  text.append(1, ':').append(std::to_string(column));
  return text.append(": ").append(pointer).append(": ").append(message);
}

namespace detail {

ParseError parse_error(std::string_view text, const Fault& fault) {
  const Place place = place_of(text, fault.offset);
  return {place.line, place.column, printed_pointer(fault.pointer), fault.message};
}

}  // namespace detail
}  // namespace jobs
