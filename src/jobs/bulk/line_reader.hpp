#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "jobs/bulk/chunk.hpp"

namespace jobs {

/// Cuts a stream of bytes into chunks of whole lines.
///
/// A chunk is handed over when it is full, and also when it is not but the input would make it
/// wait: lines that are typed or tailed are answered one by one. Memory holds one chunk and
/// one read.
class LineReader {
 public:
  /// A chunk's bounds: large enough for the cost of a chunk beside its lines (some µs, or 20 to 60
  /// where it goes by way of the loop, against 0.1 to 0.2 µs a line), little enough to share work
  /// out and to keep memory small.
  static constexpr std::size_t chunk_lines = 1024;
  static constexpr std::size_t chunk_bytes = 65'536;

  /// Reads `fd`, which stays the caller's; `already_read` comes before its bytes.
  LineReader(int fd, std::string already_read);

  /// The next chunk; empty at the end of the input. Throws std::system_error if reading fails, once
  /// the whole lines that were read before have been handed over.
  aio::Coro<std::optional<Chunk>> next();

  /// Memory that the next chunk is to use, if it is there; its contents are lost.
  void give_memory(std::string text) { memory_ = std::move(text); }

  /// Whether all that was there by now has been handed over: nothing read waits here, and the input
  /// has ended or has nothing more at the moment.
  bool is_drained() const;

 private:
  bool take_lines(Chunk& chunk);
  void pass_usual_lines(std::size_t bytes_max, std::size_t lines_max);
  void leave_line_out(Chunk& chunk);
  aio::Coro<void> read_more();
  void finish_last_line();

  int fd_;
  std::string memory_;        // for the next chunk
  std::string buffer_;        // room for bytes that are read
  std::size_t start_ = 0;     // of the bytes that are read and not yet handed over
  std::size_t end_;           // of the same
  std::size_t searched_ = 0;  // no newline before this
  bool skipping_ = false;     // inside a line that is too long
  bool at_end_ = false;
  std::exception_ptr failure_;  // to read any further
  std::uint64_t next_line_ = 1;
  std::uint64_t next_position_ = 1;
  std::uint64_t next_ticket_ = 0;
};

/// Whether a line holds nothing but white space.
bool is_blank(std::string_view line);

}  // namespace jobs
