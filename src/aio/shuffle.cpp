#include "shuffle.hpp"

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
  for (std::size_t i = 0; i < count; ++i) {
    if (ready.at(i).is_task()) places_.push_back(i);
  }
  for (std::size_t left = places_.size(); left > 1; --left) {
    std::swap(ready.at(places_[left - 1]), ready.at(places_[next() % left]));
  }
}

}  // namespace aio::detail
