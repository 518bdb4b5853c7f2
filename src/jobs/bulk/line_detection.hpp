#pragma once

#include <string_view>

namespace jobs {

/// The form of a list, as far as its first line tells.
enum class FirstLine {
  incomplete,  ///< it has not come to its end yet
  job,         ///< an object with a key `kind`, right or wrong: the list has one job a line
  other,       ///< anything else: the list is one document
};

/// Looks at the first line of `text` that is not blank.
FirstLine look_at_first_line(std::string_view text);

}  // namespace jobs
