#include "aio/wait.hpp"

namespace aio::detail {

namespace {

/// Whether a done future failed; does not count as having looked at the failure.
bool has_failed(const AnyFuture& future) {
  return !future.cancelled() && future.state()->has_exception();
}

}  // namespace

void require_waitable(const std::vector<AnyFuture>& futures, ReturnWhen return_when) {
  if (futures.empty()) throw ValueError("wait() needs at least one future");
  if (return_when < FIRST_COMPLETED || return_when > ALL_COMPLETED) {
    throw ValueError("wait() was given an invalid return_when");
  }
  for (const AnyFuture& future : futures) {
    if (&future.state()->loop() != &require_running_loop()) {
      throw ValueError("wait() was given a future that belongs to another loop");
    }
  }
}

WaitCounter::~WaitCounter() {
  if (has_timer_) timer_.cancel();
  for (const auto& [future, handle] : watched_) future.cancel_done_callback(handle);
}

void WaitCounter::watch(const AnyFuture& future) {
  ++left_;
  watched_.emplace_back(future,
                        future.add_done_callback([this](const AnyFuture& done) { on_done(done); }));
  watched_.back().second.serve(*waiter_.state());
}

void WaitCounter::set_timeout(Duration timeout) {
  timer_ = waiter_.get_loop().call_later(timeout, [this] { wake(); });
  has_timer_ = true;
}

void WaitCounter::on_done(const AnyFuture& future) {
  --left_;
  const bool enough = left_ == 0 || return_when_ == FIRST_COMPLETED ||
                      (return_when_ == FIRST_EXCEPTION && has_failed(future));
  if (enough) wake();
}

void WaitCounter::wake() {
  if (!waiter_.done()) waiter_.set_result();
}

}  // namespace aio::detail
