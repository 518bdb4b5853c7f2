#pragma once

#include <utility>

namespace support {

/// What became of a Probe, its copies and all that was moved from it.
struct Counts {
  int made = 0;
  int copies = 0;
  int moves = 0;
  int destroyed = 0;

  /// Below zero if one was destroyed twice.
  int alive() const { return made + copies + moves - destroyed; }
};

/// A value that counts what is done to it, and does not care whether it was moved from.
class Probe {
 public:
  explicit Probe(Counts& counts, int number = 0) : value(number), counts_(&counts) {
    ++counts_->made;
  }
  Probe(const Probe& other) : value(other.value), counts_(other.counts_) { ++counts_->copies; }
  Probe(Probe&& other) noexcept : value(other.value), counts_(other.counts_) { ++counts_->moves; }
  Probe& operator=(const Probe& other) = default;
  ~Probe() { ++counts_->destroyed; }

  int value;

 private:
  Counts* counts_;
};

/// The same, not to be copied.
class MoveOnlyProbe : public Probe {
 public:
  using Probe::Probe;
  MoveOnlyProbe(MoveOnlyProbe&&) = default;
  MoveOnlyProbe& operator=(MoveOnlyProbe&&) = delete;
};

}  // namespace support
