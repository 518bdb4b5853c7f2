#include "jobs/descriptor.hpp"

#include <fcntl.h>
#include <poll.h>

namespace jobs {

namespace {

enum class Direction { read, write };

/// Watches a descriptor for as long as somebody waits; also when that wait is cancelled.
class Watch {
 public:
  Watch(int fd, Direction direction) : fd_(fd), direction_(direction) {
    const auto on_event = [event = event_] {
      if (!event.done()) event.set_result();
    };
    // libuv makes what it watches non-blocking, for everybody who shares it; watching needs no
    // mode.
    const int mode = fcntl(fd, F_GETFL);
    if (direction == Direction::read) {
      loop_.add_reader(fd, on_event);
    } else {
      loop_.add_writer(fd, on_event);
    }
    fcntl(fd, F_SETFL, mode);
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { direction_ == Direction::read ? loop_.remove_reader(fd_) : loop_.remove_writer(fd_); }

  const aio::Future<void>& event() const { return event_; }

 private:
  aio::EventLoop& loop_ = aio::get_running_loop();
  aio::Future<void> event_ = loop_.create_future();
  int fd_;
  Direction direction_;
};

aio::Coro<void> wait_for(int fd, Direction direction) {
  try {
    const Watch watch(fd, direction);
    co_await watch.event();
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::operation_not_permitted) throw;
  }
}

bool has_event_now(int fd, short event) {
  pollfd query{fd, event, 0};
  return poll(&query, 1, 0) > 0;
}

}  // namespace

aio::Coro<void> readable(int fd) { return wait_for(fd, Direction::read); }
aio::Coro<void> writable(int fd) { return wait_for(fd, Direction::write); }

bool is_readable_now(int fd) { return has_event_now(fd, POLLIN); }
bool is_writable_now(int fd) { return has_event_now(fd, POLLOUT); }

}  // namespace jobs
