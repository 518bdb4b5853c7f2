#pragma once

#include "aio/coro.hpp"
#include "aio/detail/loop_bound.hpp"
#include "aio/detail/operation.hpp"
#include "aio/detail/wait_list.hpp"

namespace aio {

class Event;

namespace detail {

/// Waits for an event.
class EventAwaiter final : public WaitNode {
 public:
  const char* word() const noexcept override { return "event"; }

  explicit EventAwaiter(Event& event) : event_(&event) {}

  bool await_resume();

 private:
  bool start(TaskCore& task) override;
  Event* event_;
};

}  // namespace detail

/// A flag that tasks wait for.
///
/// It belongs to the loop whose tasks first wait for it, until that loop is closed; another loop's
/// tasks get RuntimeError. It may be destroyed while tasks wait for it: they wait until they are
/// cancelled. Only the loop's thread may use it; from another one,
/// `loop.call_soon_threadsafe(&aio::Event::set, std::ref(event))`.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// Waits until the flag is set; gives true. Resumes at once if it is.
  detail::Operation<Event, detail::EventAwaiter> wait() {
    return detail::Operation<Event, detail::EventAwaiter>(*this);
  }

  /// Sets the flag. All tasks that wait go on in the next turn, in the order of their coming, even
  /// if it is cleared before.
  void set();
  void clear() { set_ = false; }
  bool is_set() const { return set_; }

 private:
  friend class detail::EventAwaiter;

  detail::WaitList waiters_;
  detail::LoopBound bound_{"Event"};
  bool set_ = false;
};

}  // namespace aio
