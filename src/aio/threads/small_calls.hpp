#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "aio/threads/work_batch.hpp"
#include "aio/threads/work_exchange.hpp"

namespace aio::detail {

/// The calls of an executor that are marked small and have left for the pool: in batches, each with
/// a worker of its own. For the loop's thread.
class SmallCalls {
 public:
  SmallCalls(PoolQueue& queue, WorkExchange& exchange) : queue_(queue), exchange_(exchange) {}
  SmallCalls(const SmallCalls&) = delete;
  SmallCalls& operator=(const SmallCalls&) = delete;

  /// Sends a batch of the first calls in the queue.
  void send(const WorkExchange::Front& front, LoopState& loop);
  /// Whether the first calls had better wait until a batch of the same kind has come back.
  bool holds_back(const WorkExchange::Front& front) const;
  /// Keeps the order of priorities between the calls that wait in the queue and those that wait in
  /// batches.
  void keep_order();
  /// Takes the results that are there, and calls that wait behind a slow one. Returns whether it
  /// has to look again.
  bool look_after();
  /// libuv has given back `batch`.
  void on_returned(WorkBatch& batch);

  /// The number of batches that travel, each with a worker.
  std::size_t batches() const { return travelling_.size(); }
  /// Whether calls wait behind others of their batch.
  bool has_shared() const { return shared_batches_ > 0; }
  /// The number of calls that have not begun, nearly: workers go on meanwhile.
  std::size_t waiting() const;
  /// Adds the calls that may not be done to `works`.
  void copy(std::vector<Ref<ThreadWork>>& works) const;

 private:
  std::size_t wanted_size(const WorkExchange::Front& front) const;
  void take(WorkBatch& batch, std::size_t end);
  void take_back(WorkBatch& batch, std::size_t count);
  void take_back_less_urgent(int priority);
  void take_back_more_urgent(int priority);
  void keep_workers_from_less_urgent();
  void learn(std::uint64_t call_ns);

  static constexpr std::uint64_t unknown_ns = 1'000'000;  // worth a worker each

  PoolQueue& queue_;
  WorkExchange& exchange_;
  std::vector<std::unique_ptr<WorkBatch>> travelling_;
  std::vector<std::unique_ptr<WorkBatch>> spare_;
  std::size_t shared_batches_ = 0;            // of those that travel: of more than one call
  int least_priority_ = INT_MIN;              // of the calls that workers may take
  std::uint64_t small_call_ns_ = unknown_ns;  // how long one took lately
  std::uint64_t next_number_ = ThreadWork::first_batch_number;
};

}  // namespace aio::detail
