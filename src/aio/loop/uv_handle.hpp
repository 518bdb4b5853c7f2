#pragma once

#include <uv.h>

#include <utility>

#include "aio/error.hpp"

namespace aio::detail {

/// Owns one libuv handle. libuv may look at a handle until its close callback has run, so the
/// handle has a heap block of its own, which is freed there; the owner may go before.
template <class T>
class UvHandle {
 public:
  /// `init` is called with the handle and returns libuv's status; `doing` says what failed.
  template <class Init>
  UvHandle(void* owner, const char* doing, Init init) : handle_(new T) {
    const int status = init(handle_);
    if (status < 0) {
      delete handle_;  // libuv knows nothing of a handle whose init failed
      throw_if_uv_error(status, doing);
    }
    handle_->data = owner;
  }
  UvHandle(UvHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  UvHandle& operator=(UvHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~UvHandle() {
    if (!handle_) return;
    handle_->data = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(handle_),
             [](uv_handle_t* handle) { delete reinterpret_cast<T*>(handle); });
  }

  T* get() const { return handle_; }

 private:
  T* handle_;
};

}  // namespace aio::detail
