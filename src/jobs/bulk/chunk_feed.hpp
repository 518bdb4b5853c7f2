#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "jobs/bulk/chunk.hpp"

namespace jobs {

/// Chunks of lines on their way from the loop to the pool, and the memory that they took on its way
/// back. A worker that is through with a chunk finds the next one here, without a detour by way of
/// the loop: that would take as long as some hundred jobs, and longer while the loop writes.
///
/// Any thread may call.
class ChunkFeed {
 public:
  /// Keeps memory for up to `kept_max` chunks, and for the records of as many. With fewer than are
  /// on their way at once, memory of one thread would be freed on another, and the allocator keeps
  /// that for the first one.
  explicit ChunkFeed(std::size_t kept_max) : kept_max_(kept_max) {}

  /// Adds a chunk; they leave in the order of their coming.
  void push(Chunk lines);
  /// Takes the first chunk; empty if there is none.
  std::optional<Chunk> pop();
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  /// Drops all chunks; returns whether there were any.
  bool clear();

  /// Keeps memory for the next chunk, or the next one's records.
  void give_text(std::string text);
  void give_records(std::string records);
  /// Memory that was kept, empty but for its capacity.
  std::string take_text();
  std::string take_records();

 private:
  void keep(std::vector<std::string>& kept, std::string memory);
  std::string take(std::vector<std::string>& kept);

  const std::size_t kept_max_;
  mutable std::mutex mutex_;
  std::deque<Chunk> chunks_;
  std::vector<std::string> texts_;
  std::vector<std::string> records_;
};

}  // namespace jobs
