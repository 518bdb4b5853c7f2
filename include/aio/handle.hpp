#pragma once

#include "aio/detail/callback.hpp"
#include "aio/error.hpp"

namespace aio {

/// A callback that the loop was asked to run; `call_soon` and its kin return it. Dropping the
/// handle does not cancel; using an empty one aborts. Only the loop's thread may use it, unless
/// `call_soon_threadsafe` made it.
class Handle {
 public:
  Handle() = default;
  explicit Handle(detail::Ref<detail::Callback> callback) : callback_(std::move(callback)) {}

  /// Makes the callback never run and frees what it holds; nothing happens once it has run. From
  /// another thread (where allowed) while the callback runs: waits for its end.
  void cancel() const { callback().cancel(); }
  bool cancelled() const { return callback().cancelled(); }

 private:
  detail::Callback& callback() const {
    detail::require(static_cast<bool>(callback_), "an empty Handle was used");
    return *callback_;
  }
  detail::Ref<detail::Callback> callback_;
};

/// A callback that waits for its time; `call_later` and `call_at` return it.
class TimerHandle : public Handle {
 public:
  TimerHandle() = default;
  TimerHandle(detail::Ref<detail::TimerCallback> callback, TimePoint when)
      : Handle(std::move(callback)), when_(when) {}

  /// When it is due, on the loop's clock.
  TimePoint when() const { return when_; }

 private:
  TimePoint when_{};
};

}  // namespace aio
