#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aio/detail/ready_queue.hpp"

namespace aio::detail {

/// Puts the steps of tasks that are ready into an order that follows from a seed.
class Shuffle {
 public:
  explicit Shuffle(std::uint64_t seed) : state_(seed) {}

  /// Exchanges the tasks among the first `count` that are ready; callbacks keep their places.
  void operator()(ReadyQueue& ready, std::size_t count);

 private:
  std::uint64_t next() noexcept;

  std::uint64_t state_;
  std::vector<Ready*> places_;
};

}  // namespace aio::detail
