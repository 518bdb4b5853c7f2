#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "aio/aio.hpp"
#include "jobs/output/sink.hpp"
#include "jobs/waiters.hpp"

namespace jobs {

/// Where the records go: whole lines, in the order they were given, written on the loop and never
/// waiting in it. The records of a turn leave in one write at its end, unless it is much: then a
/// turn writes a part of it, so that the loop gets to hand out more work meanwhile. A reader that
/// is slow makes the producers wait (`ready`), and loses nothing.
///
/// A regular file is written directly. A pipe or terminal is opened anew as non-blocking, so that
/// its other users keep their mode; where that cannot be, it is written only when it has room, and
/// in pieces so small that they do not block.
class Output final : public Sink {
 public:
  /// Bytes that may wait before producers have to.
  static constexpr std::size_t congestion_bytes = 1'048'576;

  /// Writes to `fd`, which stays the caller's and open while the output lives. The output outlives
  /// every turn of the loop: the owner of both closes the loop first.
  Output(aio::EventLoop& loop, int fd);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() override;

  /// Adds whole lines; after a failure they are dropped.
  void write(std::string_view lines) override;
  std::string take(std::string lines) override;
  bool is_congested() const override { return waiting_bytes_ > congestion_bytes; }
  aio::Coro<void> ready() override;

  /// Resumes when everything has been written, or the output has failed.
  aio::Coro<void> flush();

  /// Goes on with another descriptor as soon as the lines that were given before are written to the
  /// old one, however many come after them. The old one is the caller's to close once the returned
  /// coroutine has ended; it is not to be cancelled.
  aio::Coro<void> switch_to(int fd);

  /// The error that made it fail, such as a closed pipe; none while all is well.
  std::error_code error() const { return error_; }
  bool is_flushed() const { return waiting_bytes_ == 0; }

  /// Is called before every write, such as to take away a line that a terminal shows.
  void before_write(std::function<void()> callback) { before_write_ = std::move(callback); }
  /// Is called once, when it fails.
  void on_failure(std::function<void()> callback) { on_failure_ = std::move(callback); }

 private:
  /// Lines, and the descriptor that they are for. Each text is for one write.
  struct Share {
    int fd;
    std::deque<std::string> texts;
  };

  void schedule_write();
  void open(int fd);
  void close() noexcept;
  void switch_if_written();
  void write_some();
  std::size_t write_piece(std::string_view text);
  void drop_first_text();
  bool has_room_for(std::size_t bytes) const;
  aio::Coro<void> write_when_possible();
  void fail(std::error_code error);

  aio::EventLoop& loop_;
  int fd_ = -1;
  bool owned_ = false;              // opened anew here
  std::size_t piece_bytes_ = 0;     // the most that one write may take
  bool scheduled_ = false;          // a write at the end of this turn, or when there is room
  std::deque<Share> shares_;        // the first is being written, the others wait for a switch
  std::size_t written_ = 0;         // of the first share's first text
  std::vector<std::string> spare_;  // memory of texts that were written
  std::size_t waiting_bytes_ = 0;
  std::uint64_t switches_ = 0;
  Waiters room_;      // producers, while it is congested
  Waiters progress_;  // waits for bytes to be written: a flush, a switch
  std::error_code error_;
  std::function<void()> before_write_;
  std::function<void()> on_failure_;
};

}  // namespace jobs
