#include "aio/streams/transport.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <mutex>

namespace aio::detail {

namespace {

/// libuv writes without MSG_NOSIGNAL: SIGPIPE would end the program when a peer has closed its end.
/// A handler of the program's own is left alone.
void ignore_sigpipe() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action {};
    if (sigaction(SIGPIPE, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) return;
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, nullptr);
  });
}

/// The buffer that libuv reads into. One for each thread is enough, since libuv hands over the
/// bytes before it asks for a buffer again.
void lend_buffer(uv_handle_t*, std::size_t, uv_buf_t* buffer) {
  thread_local std::array<char, 65'536> bytes;
  *buffer = uv_buf_init(bytes.data(), bytes.size());
}

#ifdef MSG_NOSIGNAL
constexpr int send_flags = MSG_NOSIGNAL | MSG_DONTWAIT;
#else
constexpr int send_flags = MSG_DONTWAIT;
#endif

std::exception_ptr make_error(int status, const char* doing) {
  return std::make_exception_ptr(std::system_error(status, uv_category(), doing));
}

void throw_if_not_adopted(int status, int fd) {
  if (status == 0) return;
  ::close(fd);
  throw_if_uv_error(status, "cannot take over a file descriptor");
}

}  // namespace

uv_stream_t* UvStream::get() const {
  return std::visit([](const auto& handle) { return reinterpret_cast<uv_stream_t*>(handle.get()); },
                    handle_);
}

int UvStream::fd() const {
  uv_os_fd_t fd = -1;
  uv_fileno(reinterpret_cast<const uv_handle_t*>(get()), &fd);
  return fd;
}

UvStream adopt_tcp(LoopCore& core, int fd) {
  UvHandle<uv_tcp_t> tcp(nullptr, "cannot make a TCP handle",
                         [&](uv_tcp_t* handle) { return uv_tcp_init(core.poller.uv(), handle); });
  throw_if_not_adopted(uv_tcp_open(tcp.get(), fd), fd);
  uv_tcp_nodelay(tcp.get(), 1);
  return UvStream(std::move(tcp));
}

UvStream adopt_pipe(LoopCore& core, int fd) {
  UvHandle<uv_pipe_t> pipe(nullptr, "cannot make a pipe handle", [&](uv_pipe_t* handle) {
    return uv_pipe_init(core.poller.uv(), handle, 0);
  });
  throw_if_not_adopted(uv_pipe_open(pipe.get(), fd), fd);
  return UvStream(std::move(pipe));
}

Transport::Transport(LoopCore& core, UvStream stream, Kind kind)
    : core_(core),
      stream_(std::move(stream)),
      kind_(kind),
      local_(local_address(stream_->fd())),
      remote_(remote_address(stream_->fd())) {
  ignore_sigpipe();
}

void Transport::start(std::shared_ptr<ReaderState> reader,
                      std::function<void(Transport&)> on_lost) {
  self_ = shared_from_this();
  core_.resources.add(*this);
  stream_->get()->data = this;
  on_lost_ = std::move(on_lost);
  reader_ = std::move(reader);
  if (!reader_) return;
  reader_->attach(this);
  resume_reading();
}

// --- Reading

void Transport::resume_reading() noexcept {
  if (closing_ || reader_->is_ended()) return;
  const auto on_read = [](uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
    if (stream->data) static_cast<Transport*>(stream->data)->on_read(count, buffer->base);
  };
  const int status = uv_read_start(stream_->get(), lend_buffer, on_read);
  if (status < 0 && status != UV_EALREADY) fail(status, "cannot read from a stream");
}

void Transport::pause_reading() noexcept {
  if (stream_) uv_read_stop(stream_->get());
}

void Transport::on_read(ssize_t count, const char* data) {
  if (count > 0) return reader_->feed_data({data, static_cast<std::size_t>(count)});
  if (count == 0) return;
  if (count != UV_EOF) return fail(static_cast<int>(count), "cannot read from a stream");
  if (kind_ == Kind::pipe) return lose(nullptr);
  uv_read_stop(stream_->get());
  reader_->feed_eof();  // the direction to the peer stays open
}

// --- Writing

/// A request to libuv to write, with its bytes. It is freed in its callback, which libuv makes for
/// each request, at the latest when the handle is closed.
struct Transport::WriteRequest {
  uv_write_t request;
  std::string data;
};

void Transport::write(std::string_view data) {
  if (eof_written_) throw RuntimeError("Cannot call write() after write_eof()");
  if (data.empty() || closing_) return;
  if (!is_sending()) {
    const ssize_t written = try_write(data);
    if (written < 0 && written != UV_EAGAIN) {
      return fail(static_cast<int>(written), "cannot write to a stream");
    }
    if (written > 0) data.remove_prefix(static_cast<std::size_t>(written));
    if (data.empty()) return;
  }
  unsent_.append(data);
  if (!sending_) send_unsent();
  if (!lost_) update_writing_paused();
}

// A socket is written to with send(), which makes the round trip of an echoed message 2 % shorter
// than uv_try_write does.
ssize_t Transport::try_write(std::string_view data) {
  if (kind_ == Kind::pipe) {
    const uv_buf_t buffer{const_cast<char*>(data.data()), data.size()};
    return uv_try_write(stream_->get(), &buffer, 1);
  }
  ssize_t sent = 0;
  do {
    sent = ::send(fd(), data.data(), data.size(), send_flags);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return sent;
  return errno == ENOBUFS ? UV_EAGAIN : uv_translate_sys_error(errno);
}

void Transport::send_unsent() {
  auto request = std::make_unique<WriteRequest>();
  request->data.swap(unsent_);
  request->request.data = request.get();
  const uv_buf_t buffer{request->data.data(), request->data.size()};
  const auto on_written = [](uv_write_t* uv, int status) {
    const std::unique_ptr<WriteRequest> ended(static_cast<WriteRequest*>(uv->data));
    if (uv->handle->data) static_cast<Transport*>(uv->handle->data)->on_written(status);
  };
  const int status = uv_write(&request->request, stream_->get(), &buffer, 1, on_written);
  if (status < 0) return fail(status, "cannot write to a stream");
  static_cast<void>(request.release());
  sending_ = true;
}

void Transport::on_written(int status) {
  const auto kept = shared_from_this();  // `lose` drops the reference to itself
  sending_ = false;
  if (status < 0) return fail(status, "cannot write to a stream");
  if (!unsent_.empty()) send_unsent();
  if (!lost_) update_writing_paused();
  end_if_sent();
}

void Transport::write_eof() {
  if (eof_written_ || closing_) return;
  eof_written_ = true;
  end_if_sent();
}

void Transport::close() {
  if (closing_) return;
  closing_ = true;
  pause_reading();
  end_if_sent();
}

void Transport::end_if_sent() {
  if (lost_ || is_sending()) return;
  if (closing_ || (eof_written_ && kind_ == Kind::pipe)) return lose(nullptr);
  if (eof_written_) ::shutdown(stream_->fd(), SHUT_WR);  // fails only if the connection is broken
}

void Transport::set_write_buffer_limits(std::size_t high, std::size_t low) {
  if (low > high) throw ValueError("high must be >= low must be >= 0");
  high_water_ = high;
  low_water_ = low;
  if (!lost_) update_writing_paused();
}

std::size_t Transport::write_buffer_size() const {
  return stream_ ? unsent_.size() + uv_stream_get_write_queue_size(stream_->get()) : 0;
}

void Transport::update_writing_paused() {
  const std::size_t size = write_buffer_size();
  if (size > high_water_) writing_paused_ = true;
  if (size > low_water_ || !writing_paused_) return;
  writing_paused_ = false;
  writable_.wake_all();
}

// --- The end

void Transport::fail(int status, const char* doing) { lose(make_error(status, doing)); }

void Transport::lose(std::exception_ptr exception) noexcept {
  if (lost_) return;
  const std::shared_ptr<Transport> kept = std::move(self_);
  lost_ = closing_ = true;
  exception_ = std::move(exception);
  stream_.reset();
  unsent_ = {};
  if (kept) core_.resources.remove(*this);
  if (reader_) {
    reader_->attach(nullptr);
    if (exception_) {
      reader_->set_exception(exception_);
    } else {
      reader_->feed_eof();
    }
  }
  writable_.wake_all();
  lost_wakeup_.wake_all();
  if (on_lost_) std::exchange(on_lost_, {})(*this);
}

Coro<void> Transport::wait_lost(std::shared_ptr<Transport> self) {
  if (!self->lost_) co_await self->lost_wakeup_.wait();
  if (self->exception_) std::rethrow_exception(self->exception_);
}

}  // namespace aio::detail
