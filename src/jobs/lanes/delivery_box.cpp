#include "jobs/lanes/delivery_box.hpp"

#include <utility>

namespace jobs {

bool DeliveryBox::put(Slice slice, std::size_t enough) {
  const std::lock_guard lock(mutex_);
  slices_.push_back(std::move(slice));
  return slices_.size() >= enough && !std::exchange(is_told_, true);
}

std::vector<Slice> DeliveryBox::take_all() {
  const std::lock_guard lock(mutex_);
  is_told_ = false;
  return std::exchange(slices_, {});
}

std::size_t DeliveryBox::size() const {
  const std::lock_guard lock(mutex_);
  return slices_.size();
}

}  // namespace jobs
