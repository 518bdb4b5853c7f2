#include "jobs/bulk/id_registry.hpp"

#include <utility>

namespace jobs {

namespace {

/// How many ids ahead of its turn a place in the set is fetched from memory.
constexpr std::size_t prefetch_distance = 16;

/// Chunks that one thread settles in a row: its own work waits meanwhile.
constexpr int settled_in_a_row = 8;

}  // namespace

std::shared_ptr<const IdRegistry::Claim> IdRegistry::hand_in(
    std::uint64_t ticket, const std::vector<std::string_view>& ids) {
  std::shared_ptr<Claim> claim;
  if (!ids.empty()) {
    claim = std::make_shared<Claim>();
    claim->prints_.reserve(ids.size());
    for (const std::string_view id : ids) claim->prints_.push_back(ids_.fingerprint(id));
    claim->is_new_.reserve(ids.size());
  }
  std::unique_lock lock(mutex_);
  waiting_.emplace(ticket, claim);
  settle_some_in_turn(lock);
  return claim;
}

bool IdRegistry::is_settled(const Claim& claim) const {
  const std::lock_guard lock(mutex_);
  return claim.is_settled_;
}

const std::vector<bool>& IdRegistry::wait(const Claim& claim) {
  std::unique_lock lock(mutex_);
  while (!claim.is_settled_ && !given_up_for_) {
    has_turn() ? settle_some_in_turn(lock) : settled_.wait(lock);
  }
  if (!claim.is_settled_) std::rethrow_exception(given_up_for_);
  if (claim.fault_) std::rethrow_exception(claim.fault_);
  return claim.is_new_;
}

void IdRegistry::give_up(std::exception_ptr why) noexcept {
  const std::lock_guard lock(mutex_);
  if (!given_up_for_) given_up_for_ = std::move(why);
  settled_.notify_all();
}

// Other threads may hand in meanwhile. It is not their turn before this claim is settled, so they
// leave theirs to this thread. The claims that this thread leaves are settled by the next thread
// that hands in or waits.
void IdRegistry::settle_some_in_turn(std::unique_lock<std::mutex>& lock) {
  for (int settled = 0; settled < settled_in_a_row && has_turn();) {
    const auto first = waiting_.begin();
    const std::shared_ptr<Claim> claim = std::move(first->second);
    waiting_.erase(first);
    if (claim) {
      lock.unlock();
      settle(*claim);
      lock.lock();
      claim->is_settled_ = true;
      settled_.notify_all();  // no system call if nobody sleeps, and no cheaper without the lock
      ++settled;
    }
    ++next_ticket_;
  }
}

void IdRegistry::settle(Claim& claim) noexcept {
  const std::vector<IdSet::Fingerprint>& prints = claim.prints_;
  try {
    for (std::size_t i = 0; i < prints.size(); ++i) {
      if (i + prefetch_distance < prints.size()) ids_.prefetch(prints[i + prefetch_distance]);
      claim.is_new_.push_back(ids_.insert(prints[i]));
    }
  } catch (...) {
    claim.fault_ = std::current_exception();  // for the waiting thread; the chunks after it go on
  }
}

}  // namespace jobs
