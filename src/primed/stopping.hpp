#pragma once

#include <optional>

#include "aio/aio.hpp"

namespace primed {

/// How far the end of the program has come, from the first request on. It decides, and does
/// nothing itself: each event is answered with an order that the caller carries out.
///
///   state         request                          deadline passed
///   working       grace, finish                    -
///   grace         interrupting, interrupt          interrupting, interrupt
///   interrupting  none; the third in all: die      leaving, leave
///   leaving       none; the third in all: die      -
class Stopping {
 public:
  enum class State { working, grace, interrupting, leaving };
  enum class Order {
    none,
    finish,     ///< begin nothing more; running work has time until `deadline`
    interrupt,  ///< interrupt the work that still runs
    leave,      ///< end the process as it stands: a worker or a reader does not let go
    die         ///< end it as the signal does by default
  };

  /// The time for workers and the reader of the results to let go, once nothing is waited for.
  static constexpr aio::Duration release_time = std::chrono::milliseconds(150);

  /// Somebody asks the program to stop, and running work is to have `grace`.
  Order on_request(aio::TimePoint now, aio::Duration grace);

  /// To be called once `deadline` has passed; before, it changes nothing.
  Order on_time(aio::TimePoint now);

  State state() const { return state_; }
  bool is_requested() const { return state_ != State::working; }

  /// The end of the state, where time ends it: of the grace, and of `release_time`.
  std::optional<aio::TimePoint> deadline() const { return deadline_; }

 private:
  Order interrupt(aio::TimePoint now);

  State state_ = State::working;
  std::optional<aio::TimePoint> deadline_;
  int requests_ = 0;
};

}  // namespace primed
