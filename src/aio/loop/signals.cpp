#include "aio/loop/signals.hpp"

#include <csignal>

namespace aio::detail {

/// A callback that is called as often as its signal comes.
class Signals::Handler final : public Callback {
 public:
  Handler(LoopState& loop, std::function<void()> function)
      : Callback(loop), function_(std::make_shared<std::function<void()>>(std::move(function))) {}

 private:
  void invoke() override {
    const auto function = function_;  // kept: it may remove itself
    (*function)();
  }
  void drop() noexcept override { function_ = nullptr; }

  std::shared_ptr<std::function<void()>> function_;
};

struct Signals::CaughtSignal {
  CaughtSignal(Signals& owner, int number)
      : signals(owner), signal(number), handle(this, "cannot watch a signal", [&](uv_signal_t* uv) {
          return uv_signal_init(owner.uv_, uv);
        }) {
    const auto on_signal = [](uv_signal_t* uv, int) {
      if (uv->data == nullptr) return;
      const auto& self = *static_cast<CaughtSignal*>(uv->data);
      self.signals.on_signal(self.signal);
    };
    const int status = uv_signal_start(handle.get(), on_signal, number);
    if (status == UV_EINVAL) {  // SIGKILL, SIGSTOP, and what the C library keeps for itself
      throw RuntimeError("signal " + std::to_string(number) + " cannot be caught");
    }
    throw_if_uv_error(status, "cannot watch a signal");
  }

  Signals& signals;
  int signal;
  Ref<Callback> handler;
  UvHandle<uv_signal_t> handle;
};

Signals::Signals(LoopState& loop, uv_loop_t* uv) : loop_(loop), uv_(uv) {}
Signals::~Signals() = default;

void Signals::clear() { caught_.clear(); }

Ref<Callback> Signals::set(int signal, std::function<void()> handler) {
  if (signal < 1 || signal >= NSIG) {
    throw ValueError("signal number " + std::to_string(signal) + " out of range");
  }
  const auto found = caught_.find(signal);
  Ref<Callback> callback = make_ref<Handler>(loop_, std::move(handler));
  if (found != caught_.end()) {
    found->second->handler = callback;  // the handle stays: a signal on its way is not lost
  } else {
    auto caught = std::make_unique<CaughtSignal>(*this, signal);
    caught->handler = callback;
    caught_.emplace(signal, std::move(caught));
  }
  return callback;
}

bool Signals::remove(int signal) { return caught_.erase(signal) != 0; }

void Signals::on_signal(int signal) {
  auto call = make_callback<Callback>([this, signal] { call_handler(signal); }, loop_);
  loop_.ready.push(*call.detach());
}

void Signals::call_handler(int signal) {
  const auto found = caught_.find(signal);
  if (found == caught_.end()) return;
  Ref<Callback> handler = found->second->handler;
  if (handler->cancelled()) {
    caught_.erase(found);
  } else {
    handler.detach()->run();
  }
}

}  // namespace aio::detail
