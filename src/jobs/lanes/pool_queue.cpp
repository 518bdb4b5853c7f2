#include "jobs/lanes/pool_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "jobs/kinds/start.hpp"

namespace jobs {

void PoolQueue::add(Attempt attempt) {
  if (!attempt.has_begun()) {
    waiting_.push_back(std::move(attempt));
    return;
  }
  waiting_.insert(waiting_.begin() + static_cast<std::ptrdiff_t>(begun_), std::move(attempt));
  ++begun_;
}

void PoolQueue::put_back(std::vector<Attempt> attempts) {
  const auto not_begun = std::stable_partition(
      attempts.begin(), attempts.end(), [](const Attempt& attempt) { return attempt.has_begun(); });
  waiting_.insert(waiting_.begin() + static_cast<std::ptrdiff_t>(begun_),
                  std::make_move_iterator(not_begun), std::make_move_iterator(attempts.end()));
  waiting_.insert(waiting_.begin(), std::make_move_iterator(attempts.begin()),
                  std::make_move_iterator(not_begun));
  begun_ += static_cast<std::size_t>(not_begun - attempts.begin());
}

std::vector<Attempt> PoolQueue::take() {
  std::vector<Attempt> taken;
  const auto take_first = [&] {
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  };
  if (waiting_.empty()) return taken;
  const bool alone = begun_ > 0 || !is_stepped(*waiting_.front().job);
  if (begun_ > 0) --begun_;
  take_first();
  while (!alone && !waiting_.empty() && taken.size() < together_max &&
         is_stepped(*waiting_.front().job)) {
    take_first();
  }
  return taken;
}

std::vector<Attempt> PoolQueue::take_begun() {
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::exchange(begun_, 0));
  std::vector<Attempt> taken(std::make_move_iterator(waiting_.begin()),
                             std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return taken;
}

void PoolQueue::drop_not_begun() {
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(begun_), waiting_.end());
}

}  // namespace jobs
