#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace aio::detail {

/// Takes the element at `index` out of a list without an order. Each element knows its place as
/// `index`; the last one moves to the place that becomes free.
template <class T>
std::unique_ptr<T> take_out(std::vector<std::unique_ptr<T>>& list, std::size_t index) {
  std::swap(list[index], list.back());
  list[index]->index = index;
  std::unique_ptr<T> taken = std::move(list.back());
  list.pop_back();
  return taken;
}

}  // namespace aio::detail
