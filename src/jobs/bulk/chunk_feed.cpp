#include "jobs/bulk/chunk_feed.hpp"

#include <utility>

namespace jobs {

namespace {

// Most texts and records are smaller and are kept. A chunk may hold one line of a megabyte.
constexpr std::size_t kept_bytes_max = 1'048'576;

}  // namespace

void ChunkFeed::push(Chunk lines) {
  const std::lock_guard lock(mutex_);
  chunks_.push_back(std::move(lines));
}

std::optional<Chunk> ChunkFeed::pop() {
  const std::lock_guard lock(mutex_);
  if (chunks_.empty()) return std::nullopt;
  std::optional<Chunk> first(std::move(chunks_.front()));
  chunks_.pop_front();
  return first;
}

std::size_t ChunkFeed::size() const {
  const std::lock_guard lock(mutex_);
  return chunks_.size();
}

bool ChunkFeed::clear() {
  const std::lock_guard lock(mutex_);
  const bool had_any = !chunks_.empty();
  chunks_.clear();
  return had_any;
}

void ChunkFeed::give_text(std::string text) { keep(texts_, std::move(text)); }
void ChunkFeed::give_records(std::string records) { keep(records_, std::move(records)); }
std::string ChunkFeed::take_text() { return take(texts_); }
std::string ChunkFeed::take_records() { return take(records_); }

void ChunkFeed::keep(std::vector<std::string>& kept, std::string memory) {
  const std::size_t room = memory.capacity();
  if (room > kept_bytes_max || room <= std::string().capacity()) return;
  memory.clear();
  const std::lock_guard lock(mutex_);
  if (kept.size() < kept_max_) kept.push_back(std::move(memory));
}

std::string ChunkFeed::take(std::vector<std::string>& kept) {
  const std::lock_guard lock(mutex_);
  if (kept.empty()) return {};
  std::string memory = std::move(kept.back());
  kept.pop_back();
  return memory;
}

}  // namespace jobs
