#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "aio/detail/queue_base.hpp"
#include "aio/detail/queue_items.hpp"
#include "aio/error.hpp"

namespace aio {

/// `get_nowait` of an empty queue.
class QueueEmpty : public std::runtime_error {
 public:
  QueueEmpty() : std::runtime_error("the queue is empty") {}
};

/// `put_nowait` into a full queue.
class QueueFull : public std::runtime_error {
 public:
  QueueFull() : std::runtime_error("the queue is full") {}
};

/// A put into a queue that was shut down, or a get when it is also empty.
class QueueShutDown : public std::runtime_error {
 public:
  QueueShutDown() : std::runtime_error("the queue is shut down") {}
};

namespace detail {

template <class Q>
class GetAwaiter final : public QueueGetter {
 public:
  explicit GetAwaiter(Q& queue) : QueueGetter(queue) {}
  typename Q::value_type await_resume() {
    Q& q = static_cast<Q&>(queue());
    const bool waited = has_waited();
    if (waited) begin_turn();
    typename Q::value_type item = q.take();
    if (waited) end_turn();
    q.on_got();
    return item;
  }
};

template <class Q>
class PutAwaiter final : public QueuePutter {
 public:
  PutAwaiter(Q& queue, typename Q::value_type&& item)
      : QueuePutter(queue), item_(std::move(item)) {}
  void await_resume() {
    Q& q = static_cast<Q&>(queue());
    const bool waited = has_waited();
    if (waited) begin_turn();
    q.add(std::move(item_));
    if (waited) end_turn();
    q.on_put();
  }

 private:
  typename Q::value_type item_;
};

/// The awaitable of `put`; it holds the item until it is in the queue.
template <class Q>
class [[nodiscard("nothing is put until it is awaited")]] Put {
 public:
  Put(Q& queue, typename Q::value_type&& item) : queue_(&queue), item_(std::move(item)) {}
  PutAwaiter<Q> operator co_await() && { return PutAwaiter<Q>(*queue_, std::move(item_)); }

 private:
  Q* queue_;
  typename Q::value_type item_;
};

/// The common part of all queues; `Items` says which item is next.
template <class T, class Items>
class BasicQueue : public QueueBase {
  static_assert(std::is_object_v<T> && !std::is_const_v<T>,
                "a queue of references or constants: put pointers or std::reference_wrapper");

 public:
  using value_type = T;

  explicit BasicQueue(std::ptrdiff_t maxsize = 0) : QueueBase(maxsize) {}
  BasicQueue(std::ptrdiff_t maxsize, Items items) : QueueBase(maxsize), items_(std::move(items)) {}

  ~BasicQueue() { items_.clear(gets(), puts()); }

  /// Waits until there is room, then puts `item`; at once if there is room and nobody waits for it.
  /// Throws QueueShutDown. A cancelled put has put nothing and leaves the room to the next.
  ///
  /// GCC 12 destroys a temporary that is an aggregate twice in an expression that awaits: name such
  /// an item first.
  template <class U = T>
    requires std::constructible_from<T, U&&>
  Put<BasicQueue> put(U&& item) {
    return Put<BasicQueue>(*this, T(std::forward<U>(item)));
  }

  /// Waits until there is an item, then takes it; at once if there is one and nobody waits for it.
  /// Throws QueueShutDown. A cancelled get has taken nothing and leaves the item to the next.
  Operation<BasicQueue, GetAwaiter<BasicQueue>> get() {
    return Operation<BasicQueue, GetAwaiter<BasicQueue>>(*this);
  }

  /// Puts `item` at once. Throws QueueFull, QueueShutDown.
  template <class U = T>
    requires std::constructible_from<T, U&&>
  void put_nowait(U&& item) {
    require_puttable();
    T made(std::forward<U>(item));  // before the queue is asked for its place: it may put as well
    items_.push(std::move(made), gets(), puts());
    on_put_nowait();
  }

  /// Takes an item at once, even if others wait for one. Throws QueueEmpty, QueueShutDown.
  T get_nowait() {
    require_gettable();
    T item = items_.pop(gets());
    on_got_nowait();
    return item;
  }

  /// Ends the queue: puts throw QueueShutDown, and gets once it is empty; those that wait go on
  /// with that. `task_done` is still to be called for what is in it. If `immediate`, what is in it
  /// is dropped and counts as done.
  void shutdown(bool immediate = false) {
    std::vector<T> dropped;  // destroyed last: an item's destructor may use the queue
    dropped.reserve(immediate ? qsize() : 0);
    std::size_t next = gets();
    const std::size_t end = immediate ? puts() : next;
    shut_down(immediate);
    try {
      while (next != end) {
        T item = items_.pop(next);
        ++next;
        dropped.push_back(std::move(item));
      }
    } catch (...) {
      items_.clear(next, end);
      throw;
    }
  }

 private:
  friend class GetAwaiter<BasicQueue>;
  friend class PutAwaiter<BasicQueue>;

  // Whoever has been let in finds what it waited for, unless the queue was shut down.
  T take() {
    if (empty()) [[unlikely]]
      require_gettable();
    return items_.pop(gets());
  }
  void add(T&& item) {
    if (!is_puttable()) [[unlikely]]
      require_puttable();
    items_.push(std::move(item), gets(), puts());
  }

  Items items_;
};

}  // namespace detail

/// Hands items from task to task, first in, first out; at most `maxsize` at a time, any number if
/// that is 0 or less.
///
///     aio::Queue<std::string> lines(100);
///     co_await lines.put(line);
///     const std::string next = co_await lines.get();
///
/// Tasks that wait are served in the order of their coming. It belongs to the loop whose tasks
/// first use it, until that loop is closed; another loop's tasks get RuntimeError. It may be
/// destroyed while tasks wait at it: they wait until they are cancelled. Only the loop's thread may
/// use it. An item's move constructor and assignment must not use the queue that the item is in.
template <class T>
class Queue final : public detail::BasicQueue<T, detail::FifoItems<T>> {
 public:
  using detail::BasicQueue<T, detail::FifoItems<T>>::BasicQueue;
};

/// The same, last in, first out.
template <class T>
class LifoQueue final : public detail::BasicQueue<T, detail::LifoItems<T>> {
 public:
  using detail::BasicQueue<T, detail::LifoItems<T>>::BasicQueue;
};

/// The same, smallest first; of equal ones, any.
template <class T, class Compare = std::less<T>>
class PriorityQueue final : public detail::BasicQueue<T, detail::PriorityItems<T, Compare>> {
 public:
  using Base = detail::BasicQueue<T, detail::PriorityItems<T, Compare>>;
  explicit PriorityQueue(std::ptrdiff_t maxsize = 0, Compare compare = Compare())
      : Base(maxsize, detail::PriorityItems<T, Compare>(std::move(compare))) {}
};

}  // namespace aio
