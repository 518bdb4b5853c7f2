#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace jobs {

/// The names of a closed set of values in lists, flags and the environment. Each set has one such
/// table, and nothing else spells its names.
template <class Value, std::size_t count>
struct NameTable {
  std::array<std::string_view, count> names;
  std::array<Value, count> values;  ///< in the order of the names

  /// The value called `name`; empty if there is none.
  constexpr std::optional<Value> find(std::string_view name) const {
    const auto place = std::ranges::find(names, name);
    if (place == names.end()) return std::nullopt;
    return values[static_cast<std::size_t>(place - names.begin())];
  }
};

}  // namespace jobs
