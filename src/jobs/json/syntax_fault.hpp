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

/// The tokens that may follow the last good one.
enum class Expected { value, value_or_end, key_or_end, colon, comma_or_end, nothing };

/// The progress of a reader when the text turned out not to be JSON.
struct ReadState {
  std::string_view text;
  Whole whole;
  std::size_t done;  ///< just past the last good token
  Expected expected;
  std::span<const Level> levels;  ///< outermost first
};

/// The target of a pointer into open objects and lists: the innermost of them, or in it the value
/// that is about to begin or the one that ended last.
enum class Pointed { container, next_value, last_value };

/// The JSON Pointer to that target.
std::string pointer_of(std::span<const Level> levels, Pointed pointed);

/// The fault of the first bad token after `state.done`, worded for people: JSON readers name the
/// expectation of their grammar, which is seldom the advice that the writer needs.
Fault syntax_fault(const ReadState& state);

/// The fault of nesting one level deeper than allowed, at `offset`.
Fault nesting_fault(const ReadState& state, std::size_t offset);

}  // namespace jobs::detail
