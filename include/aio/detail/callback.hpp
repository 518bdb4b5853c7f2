#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "aio/detail/context_map.hpp"
#include "aio/detail/loop_state.hpp"

namespace aio::detail {

/// A callback on its way through the loop; its queue owns one reference, its handles the others. It
/// runs in a copy of the context that it was made in.
class Callback : public RefCounted, public Runnable {
 public:
  explicit Callback(LoopState& loop) : loop_(loop) {}

  void run() noexcept override;
  void discard() noexcept override { release(); }

  /// Makes it never run, and frees its function. Nothing happens if it has run.
  virtual void cancel() noexcept;
  virtual bool cancelled() const { return cancelled_; }

  LoopState& loop() const { return *loop_; }

 protected:
  void invoke_and_report() noexcept;
  virtual void invoke() = 0;
  virtual void drop() noexcept = 0;

 private:
  Ref<LoopState> loop_;
  ContextCell context_{current_context()};
  bool cancelled_ = false;
};

/// A callback that another thread gave to the loop, and may cancel. The lock is held while the
/// callback runs: who cancels from outside then waits for its end. It is recursive, because the
/// callback may look at its own handle.
class ThreadSafeCallback : public Callback {
 public:
  using Callback::Callback;
  void run() noexcept override;
  void cancel() noexcept override;
  bool cancelled() const override;

 private:
  mutable std::recursive_mutex mutex_;
};

/// A callback that waits for its time; until then the heap owns the queue's reference.
class TimerCallback : public Callback, public TimedCall {
 public:
  TimerCallback(LoopState& loop, TimePoint when) : Callback(loop), when_(when) {}
  void on_due(LoopState& loop) noexcept override { loop.make_ready(*this); }
  void cancel() noexcept override;
  TimePoint when() const { return when_; }

 private:
  TimePoint when_;
};

/// Any of the above with its function.
template <class Base, class Bound>
class BoundCallback final : public Base {
 public:
  template <class... Args>
  explicit BoundCallback(Bound bound, Args&&... args)
      : Base(std::forward<Args>(args)...), bound_(std::move(bound)) {}

 private:
  void invoke() override {
    // Moved out first: the callback may cancel itself, which drops what is kept.
    Bound bound = std::move(*bound_);
    bound_.reset();
    bound();
  }
  void drop() noexcept override { bound_.reset(); }

  std::optional<Bound> bound_;
};

/// `f` and its arguments, copied, to be called once with the arguments moved in.
template <class F, class... Args>
auto bind_once(F&& f, Args&&... args) {
  if constexpr (sizeof...(Args) == 0 && std::is_object_v<F>) {
    return std::forward<F>(f);
  } else {
    return [f = std::decay_t<F>(std::forward<F>(f)),
            ... args = std::decay_t<Args>(std::forward<Args>(args))]() mutable {
      return std::invoke(std::move(f), std::move(args)...);
    };
  }
}

template <class Base, class Bound, class... Args>
Ref<Base> make_callback(Bound bound, Args&&... args) {
  return make_ref<BoundCallback<Base, Bound>>(std::move(bound), std::forward<Args>(args)...);
}

}  // namespace aio::detail
