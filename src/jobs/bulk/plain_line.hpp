#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace jobs::detail {

/// The contents of a line of the plain form; the views point into the line.
struct PlainLine {
  std::string_view id;  ///< empty if the line names none
  std::uint64_t number = 0;
};

/// Bytes behind a line that have to be readable, whatever they hold.
inline constexpr std::size_t plain_line_padding = 64;

/// Reads a line of the plain form, which long lists have throughout: an object with `kind` "prime",
/// `number` and, if it likes, `id`, each once, in any order. The number is below 2^64, bare or in
/// quotes, in base ten. The id has 1 to 128 printable ASCII characters, no escapes, and does not
/// begin with `job-`.
///
/// Ten times as fast as `parse_line`, which reads the same out of such a line. False for any other
/// line, good or bad, also for one that begins with a blank or has more than 512 bytes: that one is
/// for `parse_line` to judge, and `plain` is then undefined.
///
/// `readable` is how many bytes from the line's beginning on may be read. Any thread may call; each
/// keeps a few kilobytes for its next line.
bool read_plain_line(std::string_view line, std::size_t readable, PlainLine& plain);

}  // namespace jobs::detail
