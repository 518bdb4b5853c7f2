#include "aio/run.hpp"

#include "loop_core.hpp"

namespace aio::detail {

namespace {

/// How long the end of a run waits for pool work: CPython's figure.
constexpr Duration executor_timeout = std::chrono::seconds(300);

}  // namespace

RunCleanup::~RunCleanup() {
  auto& core = static_cast<LoopCore&>(loop_.state());
  core.cancel_all_tasks();
  try {
    loop_.run_until_complete(loop_.shutdown_default_executor(executor_timeout));
  } catch (...) {
    loop_.call_exception_handler(
        {"cannot wait for the default executor", std::current_exception(), "run"});
  }
  core.close();
}

}  // namespace aio::detail
