#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "aio/aio.hpp"
#include "jobs/bulk/chunk_feed.hpp"
#include "jobs/bulk/chunk_parser.hpp"
#include "jobs/lanes/delivery_box.hpp"
#include "jobs/lanes/slice.hpp"

namespace jobs {

/// The state that a lane's workers share with the loop. Each call on the pool holds it, so it lives
/// as long as any of them, in whatever order the run and its lanes end.
struct PoolShare {
  /// Chunks of lines that a worker begins at most while the ids of one wait for another worker.
  static constexpr std::size_t begun_ahead_max = 2;

  /// `kept_max` as of ChunkFeed. The loop outlives all calls on the pool.
  PoolShare(aio::EventLoop& loop_, std::size_t kept_max) : loop(loop_), feed(kept_max) {}

  aio::EventLoop& loop;
  ChunkFeed feed;                          ///< for the workers, before all else
  std::optional<ChunkContext> chunks;      ///< of the list whose chunks are in the feed
  DeliveryBox delivered;                   ///< slices on their way from a worker to the loop
  std::atomic<bool> may_stay = true;       ///< whether a worker may take another chunk after one
  std::atomic<bool> others_wait = false;   ///< whether jobs in the queue wait for a worker
  std::atomic<bool> is_congested = false;  ///< whether the sink was, when the loop last looked
  /// Takes the slices that were delivered; empty once the lane is gone. On the loop's thread alone.
  std::function<void()> on_delivery;
};

/// Works chunk after chunk as long as each comes to its end and no other work needs the worker. The
/// last one's slice is returned, the others are delivered from here. On a worker's thread.
Slice work_chunks(const std::shared_ptr<PoolShare>& share, Chunk chunk, const StopTokens& stop);

/// Works on attempts for the time of a slice. Goes on with a check of many numbers after a piece of
/// its records is full, so that one is written while the next one is made. On a worker's thread.
Slice work_attempts(const std::shared_ptr<PoolShare>& share, std::vector<Attempt> attempts,
                    const StopTokens& stop);

}  // namespace jobs
