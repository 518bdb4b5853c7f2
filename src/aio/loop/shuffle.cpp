#include "aio/loop/shuffle.hpp"

#include <utility>

namespace aio::detail {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): the same
// numbers on every platform, which the standard's distributions do not promise.
std::uint64_t Shuffle::next() noexcept {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

void Shuffle::operator()(ReadyQueue& ready, std::size_t count) {
  places_.clear();
  ready.for_each(count, [this](Ready* place) {
    if (place->is_task()) places_.push_back(place);
  });
  for (std::size_t left = places_.size(); left > 1; --left) {
    std::swap(*places_[left - 1], *places_[next() % left]);
  }
}

}  // namespace aio::detail
