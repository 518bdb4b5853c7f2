#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace jobs {

/// Which ids a list has used, in at most 48 bytes an id however long the ids are: it keeps a keyed
/// 128-bit fingerprint of each. Two different ids are taken for the same with a chance of
/// n² / 2^129 for n ids: 1.5 × 10^-27 for a million. The key is drawn at random for each set, so that
/// nobody can prepare ids that collide.
///
/// One thread at a time.
class IdSet {
 public:
  IdSet();

  /// Adds `id`; false if it was there.
  bool insert(std::string_view id);

  std::size_t size() const { return size_; }

  /// Bytes that the set holds on the heap.
  std::size_t memory_bytes() const;

 private:
  struct Fingerprint {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
  };

  std::array<std::vector<Fingerprint>, 64> shards_;  // grown one by one: no moment holds two copies
  std::array<std::size_t, 64> shard_sizes_{};
  std::array<unsigned char, 16> key_;
  std::size_t size_ = 0;
};

}  // namespace jobs
