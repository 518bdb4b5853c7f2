#include "signals.hpp"

#include <csignal>

namespace aio::detail {

struct Signals::Handler {
  Handler(Signals& owner, int number, std::function<void()> what)
      : signals(owner),
        signal(number),
        function(std::move(what)),
        cancelled(make_callback<Callback>([] {}, owner.loop_)),
        handle(this, "cannot watch a signal",
               [&owner](uv_signal_t* uv) { return uv_signal_init(owner.uv_, uv); }) {
    const auto on_signal = [](uv_signal_t* uv, int) {
      if (uv->data == nullptr) return;
      auto& self = *static_cast<Handler*>(uv->data);
      self.signals.on_signal(self);
    };
    throw_if_uv_error(uv_signal_start(handle.get(), on_signal, number), "cannot watch a signal");
  }

  Signals& signals;
  int signal;
  std::function<void()> function;
  Ref<Callback> cancelled;  // never run: only remembers whether the caller's handle was cancelled
  UvHandle<uv_signal_t> handle;
};

Signals::Signals(LoopState& loop, uv_loop_t* uv) : loop_(loop), uv_(uv) {}
Signals::~Signals() = default;

void Signals::clear() { handlers_.clear(); }

Ref<Callback> Signals::set(int signal, std::function<void()> handler) {
  if (signal < 1 || signal >= NSIG) {
    throw ValueError("signal number " + std::to_string(signal) + " out of range");
  }
  if (signal == SIGKILL || signal == SIGSTOP) {
    throw RuntimeError("signal " + std::to_string(signal) + " cannot be caught");
  }
  auto entry = std::make_unique<Handler>(*this, signal, std::move(handler));
  Ref<Callback> cancel = entry->cancelled;
  handlers_[signal] = std::move(entry);
  return cancel;
}

bool Signals::remove(int signal) { return handlers_.erase(signal) != 0; }

void Signals::on_signal(Handler& handler) {
  if (handler.cancelled->cancelled()) {
    remove(handler.signal);
    return;
  }
  auto call = make_callback<Callback>(handler.function, loop_);
  loop_.ready.push(*call.detach());
}

}  // namespace aio::detail
