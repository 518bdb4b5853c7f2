#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "jobs/lanes/slice.hpp"

namespace jobs {

/// Slices that workers have left for the loop, in their order. Any thread may call.
class DeliveryBox {
 public:
  /// Adds a slice. True if the loop is to be told now: there are `enough`, and it was not told
  /// since it last took them.
  bool put(Slice slice, std::size_t enough);

  /// Takes all that is there.
  std::vector<Slice> take_all();

  std::size_t size() const;
  bool empty() const { return size() == 0; }

 private:
  mutable std::mutex mutex_;
  std::vector<Slice> slices_;
  bool is_told_ = false;
};

}  // namespace jobs
