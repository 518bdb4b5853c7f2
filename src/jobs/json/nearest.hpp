#pragma once

#include <span>
#include <string_view>

namespace jobs::detail {

/// The one of `names` that the writer of `word` probably meant: at most two typing errors away (a
/// wrong, missing or additional letter, or two letters swapped), case aside. Empty if there is
/// none.
std::string_view nearest(std::string_view word, std::span<const std::string_view> names);

}  // namespace jobs::detail
