#pragma once

#include <utility>

namespace aio {

/// A Lock, or a unit of a Semaphore, that is released at the end of the scope; what
/// `co_await lock.scoped_lock()` gives. It can be moved; what it holds has to outlive it.
template <class M>
class [[nodiscard("what is held is released with it")]] Held {
 public:
  /// Holds nothing.
  Held() = default;
  /// Takes over what was acquired of `owner` before.
  explicit Held(M& owner) noexcept : owner_(&owner) {}
  Held(Held&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
  Held& operator=(Held&& other) noexcept {
    Held old(std::move(*this));
    owner_ = std::exchange(other.owner_, nullptr);
    return *this;
  }
  ~Held() { release(); }

  /// Releases before the end of the scope; nothing if nothing is held.
  void release() {
    if (M* const owner = std::exchange(owner_, nullptr)) owner->release();
  }

  explicit operator bool() const { return owner_ != nullptr; }

 private:
  M* owner_ = nullptr;
};

}  // namespace aio
