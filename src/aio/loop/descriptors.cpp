#include "aio/loop/descriptors.hpp"

#include <array>

#include "aio/context.hpp"
#include "aio/detail/callback.hpp"

namespace aio::detail {

/// Shared with the calls that are on their way: one that was removed meanwhile is not made. All
/// calls run in one context, a copy of that in which the function was registered.
using Function = std::shared_ptr<InContext<std::function<void()>>>;

struct Descriptors::WatchedDescriptor {
  WatchedDescriptor(Descriptors& descriptors, int fd)
      : owner(descriptors),
        handle(this, "cannot watch a file descriptor", [&descriptors, fd](uv_poll_t* uv) {
          return uv_poll_init(descriptors.uv_, uv, fd);
        }) {}

  void on_event(int status, int events);
  void call(const Function& callback);

  Descriptors& owner;
  Function reader;
  Function writer;
  UvHandle<uv_poll_t> handle;
};

// An error is reported as readable and writable: the read or write that follows will say what it
// is.
void Descriptors::WatchedDescriptor::on_event(int status, int events) {
  if (status < 0) events = UV_READABLE | UV_WRITABLE;
  if (reader && (events & UV_READABLE) != 0) call(reader);
  if (writer && (events & UV_WRITABLE) != 0) call(writer);
}

void Descriptors::WatchedDescriptor::call(const Function& callback) {
  auto if_still_wanted = [wanted = std::weak_ptr(callback)] {
    if (const Function function = wanted.lock()) (*function)();
  };
  auto once = make_callback<Callback>(std::move(if_still_wanted), owner.loop_);
  owner.loop_.ready.push(*once.detach());
}

Descriptors::Descriptors(LoopState& loop, uv_loop_t* uv) : loop_(loop), uv_(uv) {}
Descriptors::~Descriptors() = default;

void Descriptors::clear() { watched_.clear(); }

void Descriptors::set(int fd, Direction direction, std::function<void()> callback) {
  std::unique_ptr<WatchedDescriptor>& watch = watched_[fd];
  if (!watch) {
    try {
      watch = std::make_unique<WatchedDescriptor>(*this, fd);
    } catch (...) {
      watched_.erase(fd);
      throw;
    }
  }
  (direction == Direction::read ? watch->reader : watch->writer) =
      std::make_shared<InContext<std::function<void()>>>(std::move(callback));
  update(*watch);
}

bool Descriptors::remove(int fd, Direction direction) {
  const auto found = watched_.find(fd);
  if (found == watched_.end()) return false;
  WatchedDescriptor& watch = *found->second;
  Function& callback = direction == Direction::read ? watch.reader : watch.writer;
  if (!callback) return false;
  callback = nullptr;
  if (watch.reader || watch.writer) {
    update(watch);
  } else {
    watched_.erase(found);
  }
  return true;
}

void Descriptors::update(WatchedDescriptor& watch) {
  const int events = (watch.reader ? UV_READABLE : 0) | (watch.writer ? UV_WRITABLE : 0);
  const auto on_event = [](uv_poll_t* uv, int status, int occurred) {
    if (uv->data) static_cast<WatchedDescriptor*>(uv->data)->on_event(status, occurred);
  };
  throw_if_uv_error(uv_poll_start(watch.handle.get(), events, on_event),
                    "cannot watch a file descriptor");
}

}  // namespace aio::detail
