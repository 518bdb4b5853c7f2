#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "jobs/json/fault.hpp"
#include "jobs/json/json_reader.hpp"

namespace jobs::detail {

/// An object or array that is still open.
struct Level {
  bool array;
  std::size_t begin;     ///< offset of its bracket
  std::size_t count;     ///< values begun in it
  std::string_view key;  ///< an object's latest key as it is written, without its quotes
};

/// What may follow the last good token.
enum class Expected { value, value_or_end, key_or_end, colon, comma_or_end, nothing };

/// How far a reader had come when the text turned out not to be JSON.
struct ReadState {
  std::string_view text;
  Whole whole;
  std::size_t done;  ///< just past the last good token
  Expected expected;
  std::span<const Level> levels;  ///< outermost first
};

/// What a pointer into open objects and lists is to name: the innermost of them, or in it the value
/// that is about to begin or the one that ended last.
enum class Pointed { container, next_value, last_value };

/// As a JSON Pointer.
std::string pointer_of(std::span<const Level> levels, Pointed pointed);

/// What is wrong with the first bad token after `state.done`, in words for people: JSON readers say
/// what their grammar wanted, which is seldom what the writer has to do.
Fault syntax_fault(const ReadState& state);

/// Nesting one level deeper than allowed, at `offset`.
Fault nesting_fault(const ReadState& state, std::size_t offset);

}  // namespace jobs::detail
