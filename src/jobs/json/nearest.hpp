#pragma once

#include <span>
#include <string_view>

namespace jobs::detail {

/// The one of `names` that `word` was probably meant to be: at most two slips of the keyboard away
/// (a letter wrong, missing, too much, or two changed round), case aside. Empty if there is none.
std::string_view nearest(std::string_view word, std::span<const std::string_view> names);

}  // namespace jobs::detail
