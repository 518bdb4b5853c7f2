#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "aio/aio.hpp"

namespace primed {

/// The one writer of standard error, which never waits for its reader: a full pipe or a terminal
/// that is held (Ctrl-S) does not stop the loop. Text that the reader does not take at once is kept
/// and tried again; beyond `waiting_bytes_max` whole messages are lost, and the reader is told how
/// many. Only the loop's thread may call.
///
/// A pipe or terminal is opened anew as non-blocking, so that its other users keep their mode, and
/// a socket is asked not to block. Where a descriptor allows neither, it is written only when it
/// has room, and in pieces so small that they do not block.
class Messages {
 public:
  /// Bytes that may wait for the reader.
  static constexpr std::size_t waiting_bytes_max = 1'048'576;

  /// Writes to `fd`, which stays the caller's and open for as long as this lives.
  explicit Messages(int fd);
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;
  ~Messages();

  /// From now on text that waits is tried again by a timer of `loop`, until `detach`, which has to
  /// come before the loop is closed.
  void attach(aio::EventLoop& loop) { loop_ = &loop; }
  void detach();

  /// Prints `primed: TEXT` as a line.
  void say(std::string_view text);
  /// Prints whole lines, of which all are lost or none.
  void print(std::string lines);

  /// Shows a line on a terminal, in the place of the one that is there. It is left out while other
  /// text waits, for it would be old by then; any message takes it away.
  void show_status(std::string_view line);
  void clear_status();

  /// Waits for the reader until everything is written, but no longer than `patience`; without one,
  /// for as long as it takes. For the time when no loop runs; with a patience of zero for any.
  void flush(std::optional<aio::Duration> patience);

 private:
  bool take(std::string text);
  bool has_room_for(std::size_t bytes) const;
  void write_waiting();
  std::ptrdiff_t write_piece(std::string_view text) const;
  void lose_waiting();
  void try_again_later();

  int fd_;
  bool is_owned_ = false;  // opened anew here
  bool is_socket_ = false;
  bool may_block_ = false;  // the descriptor itself would wait in a write
  std::deque<std::string> waiting_;
  std::size_t written_ = 0;        // of the first one
  std::size_t waiting_bytes_ = 0;  // not yet written
  std::size_t lost_ = 0;           // messages that the reader has not been told of
  bool status_shown_ = false;
  aio::EventLoop* loop_ = nullptr;
  std::optional<aio::TimerHandle> retry_;
  aio::Duration retry_delay_{};
};

}  // namespace primed
