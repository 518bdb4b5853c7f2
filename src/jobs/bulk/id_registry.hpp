#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "jobs/list/id_set.hpp"

namespace jobs {

/// The ids of a list with one job a line, registered in the order of the list although its chunks
/// are parsed by several threads. A chunk's ids are handed in when it is parsed, and settled once
/// those of all chunks before it are: by any thread that hands in, or waits, while it is their
/// turn. So a thread that has handed in may do other work until then.
///
/// Any thread may call.
class IdRegistry {
 public:
  /// The ids of one chunk, and for each, once settled, whether it is new.
  class Claim {
   private:
    friend class IdRegistry;
    std::vector<IdSet::Fingerprint> prints_;
    std::vector<bool> is_new_;
    std::exception_ptr fault_;
    bool is_settled_ = false;  // guarded by the registry; nothing is written once it is set
  };

  /// Hands in the ids of the chunk with that ticket. Every ticket from 0 on has to come, once, or
  /// all be given up. The ids may go when this returns. Without any there is nothing to wait for,
  /// and no claim.
  std::shared_ptr<const Claim> hand_in(std::uint64_t ticket,
                                       const std::vector<std::string_view>& ids);

  /// Whether `wait` would return at once.
  bool is_settled(const Claim& claim) const;

  /// Waits until all chunks with lower tickets have been handed in. Then tells of each id whether
  /// it was new, or throws the error that came in between, such as a lack of memory; once the ids
  /// are given up, the reason for that.
  const std::vector<bool>& wait(const Claim& claim);

  /// Some chunk will not come: nobody waits for it any longer. The first reason counts.
  void give_up(std::exception_ptr why) noexcept;

 private:
  bool has_turn() const { return !waiting_.empty() && waiting_.begin()->first == next_ticket_; }
  void settle_some_in_turn(std::unique_lock<std::mutex>& lock);
  void settle(Claim& claim) noexcept;

  mutable std::mutex mutex_;
  std::condition_variable settled_;
  std::map<std::uint64_t, std::shared_ptr<Claim>> waiting_;  // by ticket; null without ids
  std::uint64_t next_ticket_ = 0;
  std::exception_ptr given_up_for_;
  IdSet ids_;  // without a lock: it belongs to the thread that settles the next ticket
};

}  // namespace jobs
