#include "jobs/list/id_set.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace jobs {
namespace {

constexpr std::size_t first_capacity = 16;

// 16 bytes a slot × 1.5 / 0.8 = 30 bytes an id just after a shard has grown, which is the worst of
// the steady moments; while one of the 64 grows, its old copy adds 20 bytes for each of its own
// ids.
constexpr std::size_t grown(std::size_t capacity) { return capacity + capacity / 2; }
constexpr std::size_t most_in(std::size_t capacity) { return capacity / 5 * 4; }

}  // namespace

IdSet::IdSet() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be initialised");
  static_assert(sizeof key_ == crypto_shorthash_siphashx24_KEYBYTES);
  randombytes_buf(key_.data(), key_.size());
}

bool IdSet::insert(const Fingerprint& print) {
  const auto which = print.low % shards_.size();
  auto& shard = shards_[which];
  if (shard.empty()) resize(shard, first_capacity);
  Fingerprint* slot = find(shard, print);
  if (*slot == print) return false;
  if (shard_sizes_[which] + 1 > most_in(shard.size())) {
    resize(shard, grown(shard.size()));
    slot = find(shard, print);
  }
  *slot = print;
  ++shard_sizes_[which];
  ++size_;
  return true;
}

IdSet::Fingerprint IdSet::fingerprint(std::string_view id) const {
  std::array<unsigned char, crypto_shorthash_siphashx24_BYTES> hash;
  crypto_shorthash_siphashx24(hash.data(), reinterpret_cast<const unsigned char*>(id.data()),
                              id.size(), key_.data());
  Fingerprint print;
  static_assert(sizeof print == sizeof hash);
  std::memcpy(&print, hash.data(), sizeof print);
  if (print == Fingerprint{}) print.low = 1;  // zero marks a free slot
  return print;
}

void IdSet::prefetch(const Fingerprint& print) const {
  const auto& shard = shards_[print.low % shards_.size()];
  if (!shard.empty()) __builtin_prefetch(&shard[home(shard, print)], 1);
}

/// The place in the shard where `print` belongs.
std::size_t IdSet::home(const Shard& shard, const Fingerprint& print) {
  // The upper half of `high`, scaled to the capacity: growing keeps the order, and a capacity need
  // not be a power of two. 2^32 slots a shard is far beyond any memory.
  return static_cast<std::size_t>(((print.high >> 32) * shard.size()) >> 32);
}

IdSet::Fingerprint* IdSet::find(Shard& shard, const Fingerprint& print) {
  auto at = home(shard, print);
  while (shard[at] != Fingerprint{} && shard[at] != print) {
    if (++at == shard.size()) at = 0;
  }
  return &shard[at];
}

void IdSet::resize(Shard& shard, std::size_t capacity) {
  Shard larger(capacity);
  for (const auto& print : shard) {
    if (print != Fingerprint{}) *find(larger, print) = print;
  }
  bytes_ += larger.capacity() * sizeof(Fingerprint);
  peak_bytes_ = std::max(peak_bytes_, bytes_);
  bytes_ -= shard.capacity() * sizeof(Fingerprint);
  shard.swap(larger);
}

}  // namespace jobs
