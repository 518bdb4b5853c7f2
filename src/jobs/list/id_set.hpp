#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace jobs {

/// The ids that a list has used, in at most 48 bytes an id however long the ids are: it keeps a
/// keyed 128-bit fingerprint of each. Two different ids are taken for the same with a chance of n²
/// / 2^129 for n ids: 1.5 × 10^-27 for a million. The key is drawn at random for each set, so that
/// nobody can prepare ids that collide. The bound holds from 10 000 ids on, also while it grows.
///
/// One thread at a time, but for `fingerprint`.
class IdSet {
 public:
  /// The part of an id that is kept.
  struct Fingerprint {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
  };

  IdSet();

  /// Adds `id`; false if it was there.
  bool insert(std::string_view id) { return insert(fingerprint(id)); }

  /// Makes an id's fingerprint, for this set alone. Any thread may call at any time.
  Fingerprint fingerprint(std::string_view id) const;
  /// Adds the id of that fingerprint; false if it was there.
  bool insert(const Fingerprint& print);
  /// Has the memory fetched that `insert` will look at: it is nowhere near the last place.
  void prefetch(const Fingerprint& print) const;

  std::size_t size() const { return size_; }

  /// Bytes that the set holds on the heap.
  std::size_t memory_bytes() const { return bytes_; }

  /// The most that it ever held, both copies counted while a part of it grew.
  std::size_t peak_memory_bytes() const { return peak_bytes_; }

 private:
  using Shard = std::vector<Fingerprint>;  // open addressing; a zero fingerprint is a free slot

  static std::size_t home(const Shard& shard, const Fingerprint& print);
  /// The slot that holds `print`, or the free one where it belongs.
  static Fingerprint* find(Shard& shard, const Fingerprint& print);
  void resize(Shard& shard, std::size_t capacity);

  std::array<Shard, 64> shards_;  // grown one by one: no moment holds two copies of the whole
  std::array<std::size_t, 64> shard_sizes_{};
  std::array<unsigned char, 16> key_;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  std::size_t peak_bytes_ = 0;
};

}  // namespace jobs
