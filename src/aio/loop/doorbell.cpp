#include "aio/loop/doorbell.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#ifdef __linux__
#include <sys/eventfd.h>
#endif

namespace aio::detail {

namespace {

constexpr const char* doing = "cannot make an event loop's wake-up";

void open_ends(OwnedDescriptor& heard, OwnedDescriptor& pushed) {
#ifdef __linux__
  static_cast<void>(pushed);
  heard = OwnedDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (heard.get() < 0) throw_if_uv_error(uv_translate_sys_error(errno), doing);
#else
  std::array<uv_file, 2> ends{};
  throw_if_uv_error(uv_pipe(ends.data(), UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE), doing);
  heard = OwnedDescriptor(ends[0]);
  pushed = OwnedDescriptor(ends[1]);
#endif
}

}  // namespace

Doorbell::Doorbell(uv_loop_t* loop, std::function<void()> on_ring) : on_ring_(std::move(on_ring)) {
  open_ends(heard_, pushed_);
  poll_.emplace(this, doing,
                [this, loop](uv_poll_t* poll) { return uv_poll_init(loop, poll, heard_.get()); });
  const auto on_readable = [](uv_poll_t* poll, int, int) {
    if (poll->data) static_cast<Doorbell*>(poll->data)->answer();
  };
  throw_if_uv_error(uv_poll_start(poll_->get(), UV_READABLE, on_readable), doing);
}

// Who finds that it has rung may rely on the one who did: the answer comes after both. That one's
// write does not fail, or nobody would ring again: the end is open for as long as the doorbell is
// there, it never blocks, so that no signal interrupts it, and there is room for one write, which
// is answered before the next.
void Doorbell::ring() noexcept {
  if (is_rung_.exchange(true, std::memory_order_acq_rel)) return;
  const int end = pushed_.get() < 0 ? heard_.get() : pushed_.get();
  const std::uint64_t once = 1;
  static_cast<void>(!::write(end, &once, sizeof once));
}

// In this order: what rings from now on writes anew, and what found it rung is seen.
void Doorbell::answer() {
  std::uint64_t count = 0;
  static_cast<void>(!::read(heard_.get(), &count, sizeof count));
  is_rung_.exchange(false, std::memory_order_acq_rel);
  on_ring_();
}

void Doorbell::hold(bool on) noexcept {
  auto* const handle = reinterpret_cast<uv_handle_t*>(poll_->get());
  on ? uv_ref(handle) : uv_unref(handle);
}

}  // namespace aio::detail
