#include "jobs/descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace jobs {

namespace {

enum class Direction { read, write };

/// An event of a descriptor, which is watched for as long as the object lives.
class DescriptorEvent {
 public:
  DescriptorEvent(int fd, Direction direction) : fd_(fd), direction_(direction) {
    const auto on_event = [event = event_] {
      if (!event.done()) event.set_result();
    };
    // libuv makes a descriptor non-blocking, for all processes that share it; to watch it needs no
    // mode.
    const int mode = fcntl(fd, F_GETFL);
    if (direction == Direction::read) {
      loop_.add_reader(fd, on_event);
    } else {
      loop_.add_writer(fd, on_event);
    }
    fcntl(fd, F_SETFL, mode);
  }
  DescriptorEvent(const DescriptorEvent&) = delete;
  DescriptorEvent& operator=(const DescriptorEvent&) = delete;
  ~DescriptorEvent() {
    direction_ == Direction::read ? loop_.remove_reader(fd_) : loop_.remove_writer(fd_);
  }

  const aio::Future<void>& future() const { return event_; }

 private:
  aio::EventLoop& loop_ = aio::get_running_loop();
  aio::Future<void> event_ = loop_.create_future();
  int fd_;
  Direction direction_;
};

aio::Coro<void> wait_for(int fd, Direction direction) {
  try {
    const DescriptorEvent event(fd, direction);
    co_await event.future();
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::operation_not_permitted) throw;
  }
}

bool has_event_now(int fd, short event) {
  pollfd query{fd, event, 0};
  return poll(&query, 1, 0) > 0;
}

constexpr std::size_t read_bytes = 131'072;

aio::Coro<void> until_readable(int fd) {
  if (is_readable_now(fd)) {
    co_await aio::sleep(0);  // however much there is, signals and timers have their turn
  } else {
    co_await readable(fd);
  }
}

}  // namespace

aio::Coro<void> readable(int fd) { return wait_for(fd, Direction::read); }
aio::Coro<void> writable(int fd) { return wait_for(fd, Direction::write); }

bool is_readable_now(int fd) { return has_event_now(fd, POLLIN); }
bool is_writable_now(int fd) { return has_event_now(fd, POLLOUT); }

aio::Coro<std::size_t> read_into(int fd, std::span<char> room) {
  for (;;) {
    co_await until_readable(fd);
    const ssize_t count = ::read(fd, room.data(), room.size());
    if (count >= 0) co_return static_cast<std::size_t>(count);
    if (errno != EAGAIN && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "cannot read");
    }
  }
}

aio::Coro<bool> read_some(int fd, std::string& buffer) {
  const std::size_t before = buffer.size();
  buffer.resize(before + read_bytes);
  std::size_t count = 0;
  try {
    count = co_await read_into(fd, std::span(buffer).subspan(before));
  } catch (...) {
    buffer.resize(before);
    throw;
  }
  buffer.resize(before + count);
  co_return count > 0;
}

}  // namespace jobs
