#pragma once

#include <uv.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "aio/core/wakeup.hpp"
#include "aio/loop/loop_core.hpp"
#include "aio/loop/uv_handle.hpp"
#include "aio/streams/reader_state.hpp"
#include "aio/streams/socket_address.hpp"

namespace aio::detail {

/// A libuv handle for a TCP connection, or for a pipe or a Unix socket, which libuv calls a pipe
/// too.
class UvStream {
 public:
  explicit UvStream(UvHandle<uv_tcp_t> tcp) : handle_(std::move(tcp)) {}
  explicit UvStream(UvHandle<uv_pipe_t> pipe) : handle_(std::move(pipe)) {}

  uv_stream_t* get() const;
  int fd() const;

 private:
  std::variant<UvHandle<uv_tcp_t>, UvHandle<uv_pipe_t>> handle_;
};

/// Makes a handle for a socket or pipe that is open already. The handle owns `fd`, which is closed
/// if this fails with std::system_error.
UvStream adopt_tcp(LoopCore& core, int fd);
UvStream adopt_pipe(LoopCore& core, int fd);

/// One connection, or one end of a pipe: the bytes that a StreamReader and a StreamWriter exchange
/// with libuv. For the loop's thread.
///
/// It keeps itself alive from `start` until it is lost: closed with everything sent, failed, or
/// ended by its loop. The libuv handle, which has a heap block of its own, is closed at that
/// moment.
class Transport final : public std::enable_shared_from_this<Transport>,
                        public Resource,
                        public ReadingSource {
 public:
  enum class Kind { socket, pipe };  // a pipe has one direction: at its end it is closed

  Transport(LoopCore& core, UvStream stream, Kind kind);

  /// Begins to read into `reader`; without one the transport only writes. `on_lost` is called once,
  /// when it is lost.
  void start(std::shared_ptr<ReaderState> reader, std::function<void(Transport&)> on_lost = {});

  /// Sends `data` at once as far as the kernel takes it, and keeps a copy of the rest. Throws
  /// RuntimeError after `write_eof`.
  void write(std::string_view data);
  /// Ends the direction to the peer when everything is sent.
  void write_eof();
  /// Stops reading, and closes the connection when everything is sent.
  void close();
  /// Closes the connection, and drops the bytes that are not sent.
  void abort() { lose(nullptr); }

  bool is_closing() const { return closing_; }
  bool is_lost() const { return lost_; }
  /// The error by which the transport was lost; null if it was closed.
  const std::exception_ptr& exception() const { return exception_; }
  /// Resumes when the transport is lost, and throws its error.
  static Coro<void> wait_lost(std::shared_ptr<Transport> self);

  void set_write_buffer_limits(std::size_t high, std::size_t low);
  std::size_t write_buffer_size() const;
  bool is_writing_paused() const { return writing_paused_; }
  Wakeup& writable() { return writable_; }

  const SocketAddress& local() const { return local_; }
  const SocketAddress& remote() const { return remote_; }
  int fd() const { return stream_ ? stream_->fd() : -1; }

  void end() noexcept override { lose(nullptr); }
  void pause_reading() noexcept override;
  void resume_reading() noexcept override;

 private:
  struct WriteRequest;

  void on_read(ssize_t count, const char* data);
  void on_written(int status);
  /// Writes as much as the kernel takes at once. Returns the number of bytes, or libuv's error.
  ssize_t try_write(std::string_view data);
  bool is_sending() const { return sending_ || !unsent_.empty(); }
  void send_unsent();
  void end_if_sent();
  void update_writing_paused();
  void fail(int status, const char* doing);
  void lose(std::exception_ptr exception) noexcept;

  LoopCore& core_;
  std::optional<UvStream> stream_;
  const Kind kind_;
  const SocketAddress local_;
  const SocketAddress remote_;
  std::shared_ptr<Transport> self_;
  std::shared_ptr<ReaderState> reader_;
  std::function<void(Transport&)> on_lost_;

  std::string unsent_;    // bytes that follow those of libuv's request
  bool sending_ = false;  // libuv has a request that it has not answered
  std::size_t high_water_ = default_limit;
  std::size_t low_water_ = default_limit / 4;
  bool writing_paused_ = false;
  bool eof_written_ = false;
  bool closing_ = false;
  bool lost_ = false;
  std::exception_ptr exception_;
  Wakeup writable_;
  Wakeup lost_wakeup_;
};

/// The state that all copies of a StreamWriter share. The connection is closed when the last of
/// them goes.
class WriterState {
 public:
  WriterState(std::shared_ptr<Transport> connection, std::shared_ptr<ReaderState> read_from)
      : transport(std::move(connection)), reader(std::move(read_from)) {}
  WriterState(const WriterState&) = delete;
  WriterState& operator=(const WriterState&) = delete;
  ~WriterState() { transport->close(); }

  const std::shared_ptr<Transport> transport;
  const std::shared_ptr<ReaderState> reader;  // null for a pipe
};

/// Starts `transport`, and gives the reader and the writer of the connection. `limit` bounds the
/// reader's buffer, in bytes.
std::pair<StreamReader, StreamWriter> start_streams(std::shared_ptr<Transport> transport,
                                                    std::size_t limit,
                                                    std::function<void(Transport&)> on_lost = {});

}  // namespace aio::detail
