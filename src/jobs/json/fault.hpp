#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jobs::detail {

/// A mistake in a text, by its distance from the text's beginning. Line and column are counted when
/// it is reported: lists without faults do not pay for them.
struct Fault {
  std::size_t offset = 0;
  std::string pointer;  ///< JSON Pointer, not yet made fit to print
  std::string message;  ///< fit to print
};

/// The first faults of a text in the order of the text, in whatever order they are found.
class Faults {
 public:
  /// True if a fault at `offset` would be among those kept. Costly messages ask first.
  bool wants(std::size_t offset) const;

  void add(Fault fault);

  /// Counts a fault that `wants` has declined.
  void add_unwanted() { ++count_; }

  const std::vector<Fault>& kept() const { return kept_; }

  /// All that were added, kept or not.
  std::size_t count() const { return count_; }

 private:
  std::vector<Fault> kept_;  // sorted by offset
  std::size_t count_ = 0;
};

/// A piece of the input in double quotes for a message: at most 40 bytes, the rest an ellipsis;
/// control and direction characters and broken UTF-8 as escapes.
std::string echo(std::string_view input);

/// The same without quotes, for numbers.
std::string echo_bare(std::string_view input);

/// A JSON Pointer as it is printed: `/` for the root, likewise short and harmless.
std::string printed_pointer(std::string_view pointer);

/// Appends `/token` to a JSON Pointer, `~` and `/` in it escaped.
void append_token(std::string& pointer, std::string_view token);

/// `"a"`, `"a" or "b"`, `"a", "b" or "c"`.
std::string alternatives(std::span<const std::string_view> names);

/// 1-based line and column, in bytes.
struct Place {
  std::size_t line;
  std::size_t column;
};

Place place_of(std::string_view text, std::size_t offset);

/// `LINE:COLUMN`.
std::string place_text(std::string_view text, std::size_t offset);

}  // namespace jobs::detail
