#include "aio/loop/interrupt.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include "aio/task.hpp"

namespace aio::detail {

namespace {

/// The scope that the signal handler wakes, on any thread that the signal comes to.
std::atomic<InterruptScope*> active = nullptr;
/// The number of threads inside the handler: the scope stays until they have left.
std::atomic<int> handlers = 0;

static_assert(std::atomic<InterruptScope*>::is_always_lock_free);

#ifdef __linux__
bool is_main_thread() { return gettid() == getpid(); }
#else
const std::thread::id main_thread = std::this_thread::get_id();
bool is_main_thread() { return std::this_thread::get_id() == main_thread; }
#endif

/// As if it had no handler: it takes effect when the handler has returned.
void end_program() {
  std::signal(SIGINT, SIG_DFL);
  std::raise(SIGINT);
}

}  // namespace

// Calls only functions that are safe in a signal handler; libuv documents uv_async_send as such.
void InterruptScope::on_signal(int) {
  const int error = errno;
  ++handlers;
  InterruptScope* const scope = active;
  if (scope && scope->count_.fetch_add(1) == 0) {
    uv_async_send(scope->wake_.get());
  } else {
    end_program();
  }
  --handlers;
  errno = error;
}

bool InterruptScope::is_wanted() {
  struct sigaction current {};
  return is_main_thread() && sigaction(SIGINT, nullptr, &current) == 0 &&
         (current.sa_flags & SA_SIGINFO) == 0 && current.sa_handler == SIG_DFL;
}

InterruptScope::InterruptScope(LoopCore& loop, const AnyFuture& main)
    : main_(main),
      cancel_(make_callback<Callback>([this] { cancel_main(); }, loop)),
      wake_(this, "cannot make a wake-up for SIGINT", [&loop](uv_async_t* handle) {
        return uv_async_init(loop.poller.uv(), handle, [](uv_async_t* wake) {
          if (wake->data == nullptr) return;
          const auto& self = *static_cast<InterruptScope*>(wake->data);
          self.main_.state()->loop().ready.push(*Ref<Callback>(self.cancel_).detach());
        });
      }) {
  if (is_wanted()) install();
}

void InterruptScope::install() {
  active = this;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  installed_ = sigaction(SIGINT, &action, nullptr) == 0;
  if (!installed_) active = nullptr;
}

InterruptScope::~InterruptScope() {
  cancel_->cancel();
  if (!installed_) return;
  struct sigaction current {};
  const bool ours = sigaction(SIGINT, nullptr, &current) == 0 && current.sa_handler == on_signal;
  if (ours) std::signal(SIGINT, SIG_DFL);
  active = nullptr;
  while (handlers != 0) std::this_thread::yield();
}

void InterruptScope::cancel_main() {
  if (main_.done()) return;
  delivered_ = true;
  main_.cancel("SIGINT");
}

bool InterruptScope::has_ended_main() const {
  if (count_ == 0) return false;
  if (!main_.cancelled()) return !delivered_ && !main_.state()->has_exception();
  TaskCore* const task = main_.state()->as_task();
  if (!task) return delivered_;
  return (delivered_ ? task->uncancel() : task->cancelling()) == 0;
}

}  // namespace aio::detail
