#include "aio/shield.hpp"

namespace aio::detail {

namespace {

void report_unseen_failure(const AnyFuture& future) {
  FutureBase& state = *future.state();
  if (!state.has_exception() || state.is_retrieved()) return;
  const std::exception_ptr exception = state.exception();  // counts as seen
  state.loop().report({state.describe() + " exception in shielded future", exception,  //
                       state.describe()});
}

}  // namespace

void report_failure_when_done(const AnyFuture& future) {
  static_cast<void>(future.add_done_callback(report_unseen_failure));
}

}  // namespace aio::detail
