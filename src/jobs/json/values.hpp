#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "jobs/job.hpp"
#include "jobs/json/name_table.hpp"
#include "jobs/json/scope.hpp"

namespace jobs::detail {

// Each of these reads the value at `node`. A value of another sort, or out of bounds, is a fault,
// and the answer is empty.

/// A bare integer from `least` to `most`.
std::optional<std::uint64_t> read_count(const Scope& scope, std::size_t node, std::uint64_t least,
                                        std::uint64_t most);

/// A number of seconds, or numbers with units.
std::optional<Duration> read_duration(const Scope& scope, std::size_t node);

/// The name of a file.
std::optional<std::string> read_path(const Scope& scope, std::size_t node);

/// One of `names`, by its place among them. `noun` is the word for it in messages: `executor`.
std::optional<std::size_t> read_name(const Scope& scope, std::size_t node, std::string_view noun,
                                     std::span<const std::string_view> names);

/// The value that one of the table's names stands for.
template <class Value, std::size_t count>
std::optional<Value> read_named(const Scope& scope, std::size_t node, std::string_view noun,
                                const NameTable<Value, count>& table) {
  const std::optional<std::size_t> place = read_name(scope, node, noun, table.names);
  if (!place) return std::nullopt;
  return table.values[*place];
}

}  // namespace jobs::detail
