#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace aio::detail {

/// Takes what is at `index` out of a list in no order, whose elements know their place as `index`:
/// the last one takes it.
template <class T>
std::unique_ptr<T> take_out(std::vector<std::unique_ptr<T>>& list, std::size_t index) {
  std::swap(list[index], list.back());
  list[index]->index = index;
  std::unique_ptr<T> taken = std::move(list.back());
  list.pop_back();
  return taken;
}

}  // namespace aio::detail
