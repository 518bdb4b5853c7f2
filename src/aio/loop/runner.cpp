#include "aio/runner.hpp"

#include "aio/loop/interrupt.hpp"
#include "aio/loop/loop_core.hpp"

namespace aio {

namespace {

/// How long the end of a run waits for pool work: CPython's figure.
constexpr Duration executor_timeout = std::chrono::seconds(300);

}  // namespace

Runner::Runner(RunnerOptions options) : options_(std::move(options)) {}

Runner::~Runner() { close(); }

EventLoop& Runner::get_loop() {
  if (closed_) throw RuntimeError("Runner is closed");
  if (loop_) return *loop_;
  const LoopFactory& factory = options_.get_loop_factory();
  loop_ = factory ? factory() : std::make_unique<EventLoop>();
  detail::require(loop_ != nullptr, "a loop factory made no loop");
  if (const auto debug = options_.get_debug()) loop_->set_debug(*debug);
  context_ = copy_context();
  return *loop_;
}

void Runner::run_until_done(const AnyFuture& main) {
  const detail::InterruptScope interrupt(detail::core_of(loop_->state()), main);
  loop_->run_until_done(*main.state());
  if (interrupt.has_ended_main()) throw Interrupted();
}

void Runner::close() {
  if (closed_ || !loop_) return;
  if (loop_->is_running()) throw RuntimeError("Cannot close a running event loop");
  closed_ = true;
  detail::core_of(loop_->state()).cancel_all_tasks();
  try {
    loop_->run_until_complete(loop_->shutdown_default_executor(executor_timeout));
  } catch (...) {
    loop_->call_exception_handler(
        {"cannot wait for the default executor", std::current_exception(), "run"});
  }
  loop_->close();
}

}  // namespace aio
