#include "aio/race.hpp"

#include <exception>
#include <utility>

namespace aio::detail {

namespace {

/// The runners of a race, in the frame of the coroutine that waits for them.
class Race {
 public:
  Race(LoopState& loop, std::vector<AnyFuture> runners)
      : loop_(loop), runners_(std::move(runners)), left_(runners_.size()) {
    for (std::size_t i = 0; i < runners_.size(); ++i) {
      callbacks_.push_back(runners_[i].add_done_callback([this, i](const AnyFuture&) {
        on_done(i);
        if (--left_ == 0 && over_ && !over_.done()) over_.set_result();
      }));
      callbacks_.back().serve(loop_.current_task->future(), "race");
    }
    for (std::size_t i = 0; i < runners_.size(); ++i) {
      if (runners_[i].done()) on_done(i);
    }
  }
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;
  ~Race() {
    for (std::size_t i = 0; i < callbacks_.size(); ++i) {
      runners_[i].cancel_done_callback(callbacks_[i]);
    }
  }

  bool is_on() const { return left_ > 0; }
  std::size_t winner() const { return *winner_; }

  /// Done once all runners are; good for one wait.
  const Future<void>& over() {
    over_ = Future<void>(make_ref<PlainFuture<void>>(loop_));
    return over_;
  }

  void cancel_runners(const CancelledError& request) {
    cancelled_ = true;
    for (const AnyFuture& runner : runners_) {
      if (!runner.done()) runner.state()->cancel(request);
    }
  }

 private:
  void on_done(std::size_t place) {
    if (winner_) return;
    winner_ = place;
    if (!cancelled_) cancel_runners(make_cancel_request("another one was first in its race"));
  }

  LoopState& loop_;
  std::vector<AnyFuture> runners_;
  std::vector<DoneHandle> callbacks_;
  std::size_t left_;
  std::optional<std::size_t> winner_;
  Future<void> over_;
  bool cancelled_ = false;
};

}  // namespace

void require_loop_of(LoopState& loop, const AnyFuture& future) {
  if (&future.state()->loop() == &loop) return;
  throw ValueError("race() was given a future that belongs to another loop");
}

Coro<std::size_t> run_race(std::vector<AnyFuture> runners) {
  Race race(require_running_loop(), std::move(runners));
  std::exception_ptr cancelled;
  while (race.is_on()) {
    try {
      co_await race.over();
    } catch (const CancelledError& request) {
      cancelled = std::current_exception();
      race.cancel_runners(request);
    }
  }
  if (cancelled) std::rethrow_exception(cancelled);
  co_return race.winner();
}

}  // namespace aio::detail
