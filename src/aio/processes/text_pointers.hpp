#pragma once

#include <string>
#include <vector>

namespace aio::detail {

/// Pointers to the texts, and a null at the end, as the system takes arguments and environments.
/// They are good for as long as `texts` is left alone. Throws ValueError for a text with a NUL,
/// which the system would take for its end.
std::vector<char*> pointers_to(std::vector<std::string>& texts);

}  // namespace aio::detail
