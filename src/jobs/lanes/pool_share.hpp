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

/// What the loop and the workers of a lane have in common. Whoever works on the pool holds it, so
/// it is there for as long as any of them: whatever becomes of the run, and in whatever order.
struct PoolShare {
  /// Chunks of lines that a worker begins at most while the ids of one wait for another worker.
  static constexpr std::size_t begun_ahead_max = 2;

  /// `kept_max` as of ChunkFeed. The loop outlives all calls on the pool.
  PoolShare(aio::EventLoop& loop_, std::size_t kept_max) : loop(loop_), feed(kept_max) {}

  aio::EventLoop& loop;
  ChunkFeed feed;                      ///< for the workers, before all else
  std::optional<ChunkContext> chunks;  ///< of the list whose chunks are in the feed
  DeliveryBox delivered;               ///< slices on their way from a worker to the loop
  std::atomic<bool> may_stay = true;   ///< a worker that is through with a chunk may take another
  std::atomic<bool> others_wait = false;   ///< jobs in the queue, for a worker
  std::atomic<bool> is_congested = false;  ///< the sink, when the loop last saw
  /// Takes what was delivered; empty once nobody does. On the loop's thread alone.
  std::function<void()> on_delivery;
};

/// Works chunk after chunk as long as each comes to its end and nobody else needs the worker. The
/// last one's slice is returned, the others are delivered from here. On a worker's thread.
Slice work_chunks(const std::shared_ptr<PoolShare>& share, Chunk chunk, const StopTokens& stop);

/// Works on attempts for the time of a slice. Goes on with a check of many numbers after a piece of
/// its records is full, so that one is written while the next one is made. On a worker's thread.
Slice work_attempts(const std::shared_ptr<PoolShare>& share, std::vector<Attempt> attempts,
                    const StopTokens& stop);

}  // namespace jobs
