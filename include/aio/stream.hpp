#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "aio/address.hpp"
#include "aio/coro.hpp"

namespace aio {

namespace detail {
class ReaderState;
class Transport;
class WriterState;
}  // namespace detail

/// The bytes that a StreamReader takes for one line unless told otherwise; it buffers twice as
/// many.
inline constexpr std::size_t default_limit = 65'536;

/// The stream ended before the bytes that were asked for. Python derives it from EOFError.
class IncompleteReadError : public std::runtime_error {
 public:
  /// `expected` is 0 where a separator was asked for, and no number of bytes.
  IncompleteReadError(std::string partial, std::size_t expected);

  /// The bytes before the end; they have left the buffer.
  const std::string& partial() const { return partial_; }
  std::size_t expected() const { return expected_; }

 private:
  std::string partial_;
  std::size_t expected_;
};

/// A separator was not found within the reader's limit.
class LimitOverrunError : public std::runtime_error {
 public:
  LimitOverrunError(const char* message, std::size_t consumed)
      : std::runtime_error(message), consumed_(consumed) {}

  /// How many bytes of the buffer come before the separator, or surely have none in them. They are
  /// still in the buffer.
  std::size_t consumed() const { return consumed_; }

 private:
  std::size_t consumed_;
};

/// The reading side of a connection or pipe: asyncio's StreamReader.
///
/// It is a handle: copies refer to the same stream. What has come is buffered; with more than twice
/// the limit in the buffer nothing more is taken from the kernel until some of it is read, so that
/// a fast peer is slowed down and not stored. One task at a time may wait for data: a second one's
/// read throws RuntimeError. A cancelled read takes nothing out of the buffer. Once the connection
/// has failed every read throws what it failed with, a std::system_error. Only the loop's thread
/// may use it.
class StreamReader {
 public:
  /// A stream that is fed by hand, for tests. Throws ValueError if `limit` is 0.
  explicit StreamReader(std::size_t limit = default_limit);
  explicit StreamReader(std::shared_ptr<detail::ReaderState> state) : state_(std::move(state)) {}

  /// Gives what is there, `n` bytes at most, as soon as there is any; nothing at the end of the
  /// stream. A negative `n`: all up to the end of the stream.
  Coro<std::string> read(std::ptrdiff_t n = -1) const;

  /// Gives exactly `n` bytes; they may be more than the limit. Throws IncompleteReadError with what
  /// there was if the stream ends before, ValueError if `n` is negative.
  Coro<std::string> readexactly(std::ptrdiff_t n) const;

  /// Gives a line with its "\n"; what there is at the end of the stream, which is nothing after the
  /// last line. Throws ValueError for a line that is longer than the limit, and drops it as far as
  /// it is buffered.
  Coro<std::string> readline() const;

  /// Gives all up to `separator`, and it too. Throws IncompleteReadError with what there was at the
  /// end of the stream, LimitOverrunError if there are more bytes than the limit before it (they
  /// stay in the buffer), ValueError if it is empty.
  Coro<std::string> readuntil(std::string separator = "\n") const;
  /// The same for the one of several separators that ends first.
  Coro<std::string> readuntil(std::vector<std::string> separators) const;

  /// Whether the stream has ended and all of it was read.
  bool at_eof() const;

  /// The error of the connection, or null.
  std::exception_ptr exception() const;

  /// Puts `data` into the buffer, ends the stream, makes it fail: what a connection does, and
  /// tests. Feeding data after the end aborts.
  void feed_data(std::string_view data) const;
  void feed_eof() const;
  void set_exception(std::exception_ptr exception) const;

 private:
  const std::shared_ptr<detail::ReaderState>& state() const;
  std::shared_ptr<detail::ReaderState> state_;
};

/// The writing side of a connection or pipe: asyncio's StreamWriter.
///
/// It is a handle: copies refer to the same stream. When the last one is dropped, the connection is
/// closed as `close` does. Only the loop's thread may use it.
///
/// The first stream of a program has SIGPIPE ignored, if it has its default: writing to a peer that
/// has gone is an error here, as in Python, and not the end of the program.
class StreamWriter {
 public:
  explicit StreamWriter(std::shared_ptr<detail::WriterState> state) : state_(std::move(state)) {}

  /// Sends `data`: as much as the kernel takes at once, the rest is copied and sent when it can be.
  /// Nothing happens once the connection is closed or lost; `drain` tells. Throws RuntimeError
  /// after `write_eof`.
  void write(std::string_view data) const;
  void writelines(const std::vector<std::string>& lines) const;

  /// Ends the sending side once all was sent; a connection can still be read, a pipe is closed.
  void write_eof() const;
  bool can_write_eof() const { return true; }

  /// Resumes when so much has been sent that more may be written: at once, unless more than the
  /// high-water mark is buffered; then when no more than the low-water mark is. Throws what the
  /// connection failed with, and connection_reset once it is closed. A cancelled drain leaves the
  /// buffer as it is.
  Coro<void> drain() const;

  /// The marks of `drain`: 64 KiB and a quarter of `high` unless told otherwise. Throws ValueError
  /// unless low <= high.
  void set_write_buffer_limits(std::size_t high = default_limit) const;
  void set_write_buffer_limits(std::size_t high, std::size_t low) const;
  std::size_t get_write_buffer_size() const;

  /// Stops reading at once, and closes once all was sent. Closing twice does nothing.
  void close() const;
  /// Closes at once; bytes that were not sent are lost.
  void abort() const;
  bool is_closing() const;

  /// Resumes when the connection is closed, by whichever side. Throws what it failed with.
  Coro<void> wait_closed() const;

  /// The addresses of the other side and of this one, as they were when the connection was made.
  Address peername() const;
  Address sockname() const;
  /// The file descriptor, which stays the stream's; -1 once it is closed.
  int fileno() const;

 private:
  const std::shared_ptr<detail::WriterState>& state() const;
  std::shared_ptr<detail::WriterState> state_;
};

/// Connects to `host` (a name, a numeric address, empty for this machine) and gives the two sides
/// of the connection. Tries every address of the host in turn. Throws ValueError for a port that is
/// none, std::system_error if the host is not known or no address answers, naming each with its
/// error. A cancelled attempt leaves nothing open.
Coro<std::pair<StreamReader, StreamWriter>> open_connection(std::string host, int port,
                                                            std::size_t limit = default_limit);

/// The same for a Unix socket. Throws std::system_error that names the path; ValueError if it is
/// too long for a socket.
Coro<std::pair<StreamReader, StreamWriter>> open_unix_connection(std::string path,
                                                                 std::size_t limit = default_limit);

}  // namespace aio
