#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

#include "aio/detail/block_pool.hpp"

namespace aio::detail {

/// Whether the process has never had another thread: counting then needs no locked instructions,
/// which cost some 20 cycles each. Where the C library does not tell, it may have had.
inline bool is_single_threaded() noexcept {
#if __has_include(<sys/single_threaded.h>)
  return __libc_single_threaded != 0;
#else
  return false;
#endif
}

/// An object that lives as long as a Ref to it. The count is atomic: a Future may be carried to
/// another thread inside a callback, though only the loop's thread may use it.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  static void* operator new(std::size_t size) { return allocate_block(size); }
  static void operator delete(void* object, std::size_t size) noexcept { free_block(object, size); }
  static void* operator new(std::size_t size, std::align_val_t alignment) {
    return ::operator new(size, alignment);
  }
  static void operator delete(void* object, std::size_t, std::align_val_t alignment) noexcept {
    ::operator delete(object, alignment);
  }

  void add_ref() const noexcept {
    if (is_single_threaded()) {
      count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    } else {
      count_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  void release() const noexcept {
    // The last owner needs no locked instruction: nobody else can reach the count any more.
    const std::uint32_t count = count_.load(std::memory_order_acquire);
    if (count != 1) {
      if (is_single_threaded()) {
        count_.store(count - 1, std::memory_order_relaxed);
        return;
      }
      if (count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    }
    const_cast<RefCounted*>(this)->dispose();
  }

  /// Whether the caller's reference is the only one.
  bool is_unique() const noexcept { return count_.load(std::memory_order_acquire) == 1; }

 protected:
  /// With that many references from the start.
  explicit RefCounted(std::uint32_t count) : count_(count) {}
  virtual ~RefCounted() = default;
  /// The last reference is gone, the object is still whole.
  virtual void dispose() noexcept { delete this; }

 private:
  mutable std::atomic<std::uint32_t> count_{1};
};

/// A counted reference; the object is made with `make_ref` and dies with the last one.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  /// Another reference to an object that is already owned.
  explicit Ref(T& object) noexcept : object_(&object) { object_->add_ref(); }
  Ref(const Ref& other) noexcept : object_(other.object_) {
    if (object_) object_->add_ref();
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class U>
    requires std::is_convertible_v<U*, T*>
  Ref(Ref<U> other) noexcept : object_(other.detach()) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_) object_->release();
  }

  /// Takes over a reference that somebody counted before.
  static Ref adopt(T* object) noexcept {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  /// Gives up the reference without releasing it.
  T* detach() noexcept { return std::exchange(object_, nullptr); }

  T* get() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept { return object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  friend bool operator==(const Ref&, const Ref&) = default;

 private:
  T* object_ = nullptr;
};

template <class T, class... Args>
Ref<T> make_ref(Args&&... args) {
  return Ref<T>::adopt(new T(std::forward<Args>(args)...));
}

}  // namespace aio::detail
