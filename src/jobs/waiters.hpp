#pragma once

#include <cstddef>
#include <deque>
#include <utility>

#include "aio/aio.hpp"

namespace jobs {

/// Tasks of one loop that wait for the same thing, in the order of their coming. As many are woken
/// as can go on: to wake all of them for a thing that serves one costs the square of their number.
///
/// On the loop's thread. It outlives the waits.
class Waiters {
 public:
  /// Resumes when `holds()` is true: at once, or when it is woken and finds it so. A wake that it
  /// does not live to see, being cancelled, goes to the next in line.
  template <class Predicate>
  aio::Coro<void> until(Predicate holds) {
    while (!holds()) {
      aio::Future<void> turn = aio::get_running_loop().create_future();
      waiting_.push_back(turn);
      try {
        co_await turn;
      } catch (const aio::CancelledError&) {
        if (turn.done() && !turn.cancelled()) wake(1);
        throw;
      }
    }
  }

  /// Has the first `count` look again.
  void wake(std::size_t count) {
    while (count > 0 && !waiting_.empty()) {
      const aio::Future<void> first = std::move(waiting_.front());
      waiting_.pop_front();
      if (first.done()) continue;  // cancelled meanwhile
      first.set_result();
      --count;
    }
  }

  /// Has all look again that wait now.
  void wake_all() { wake(waiting_.size()); }

 private:
  std::deque<aio::Future<void>> waiting_;
};

}  // namespace jobs
