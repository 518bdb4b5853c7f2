#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "jobs/lanes/attempt.hpp"

namespace jobs {

/// Attempts that wait for a worker of the pool, in the order in which they are to be worked: those
/// that have begun come first, so that no more are begun than there are workers.
class PoolQueue {
 public:
  /// A worker that runs out of time hands back the jobs that it did not get to, so it may be given
  /// many without keeping the others idle.
  static constexpr std::size_t together_max = 256;

  /// Adds an attempt behind all others; one that has begun behind the others that have.
  void add(Attempt attempt);
  /// Takes attempts back that a worker was given: to where they were.
  void put_back(std::vector<Attempt> attempts);

  /// Takes the attempts that a worker is to have next: one that has begun, or one that waits by its
  /// kind, or up to `together_max` that are advanced in steps. Empty only if the queue is.
  std::vector<Attempt> take();
  /// Takes all that have begun.
  std::vector<Attempt> take_begun();
  /// Drops the attempts that have not begun: their jobs stay `ready` in the ledger.
  void drop_not_begun();

  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }
  /// How many have begun.
  std::size_t begun() const { return begun_; }

 private:
  std::deque<Attempt> waiting_;
  std::size_t begun_ = 0;  // so many in front
};

}  // namespace jobs
