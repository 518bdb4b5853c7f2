#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jobs {

/// Consecutive lines of a list with one job a line, on their way to a worker.
struct Chunk {
  std::string text;                  ///< whole lines, each ended by `\n`; blank ones included
  std::uint64_t first_line = 1;      ///< its number in the input
  std::uint64_t first_position = 1;  ///< the number of its first job line
  std::uint64_t ticket = 0;          ///< counts the chunks; ids are registered in this order
  /// Numbers of the lines that were longer than allowed and left out.
  std::vector<std::uint64_t> too_long;
};

}  // namespace jobs
