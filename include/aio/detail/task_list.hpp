#pragma once

#include <atomic>

namespace aio::detail {

class TaskCore;

/// A place in a TaskList, which is a ring: a task's, or the list's own.
class TaskLink {
 public:
  TaskLink(const TaskLink&) = delete;
  TaskLink& operator=(const TaskLink&) = delete;

 protected:
  TaskLink() = default;
  ~TaskLink() = default;

 private:
  friend class TaskList;

  TaskLink* previous_;  // both from when it is added on
  TaskLink* next_;
};

/// Tasks in the order of their coming. A signal handler may walk through it at any moment: what it
/// follows is written last.
class TaskList {
 public:
  class Iterator {
   public:
    TaskCore& operator*() const;  // defined with TaskCore
    Iterator& operator++() {
      link_ = link_->next_;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend class TaskList;
    explicit Iterator(TaskLink* link) : link_(link) {}
    TaskLink* link_;
  };

  TaskList() { ends_.previous_ = ends_.next_ = &ends_; }

  bool empty() const { return ends_.next_ == &ends_; }
  Iterator begin() const { return Iterator(ends_.next_); }
  Iterator end() const { return Iterator(const_cast<Ends*>(&ends_)); }

  void add(TaskLink& task) noexcept {
    TaskLink* const last = ends_.previous_;
    task.previous_ = last;
    task.next_ = &ends_;
    std::atomic_signal_fence(std::memory_order_release);
    last->next_ = &task;
    ends_.previous_ = &task;
  }
  void remove(TaskLink& task) noexcept {
    task.previous_->next_ = task.next_;
    task.next_->previous_ = task.previous_;
    std::atomic_signal_fence(std::memory_order_release);
  }

 private:
  struct Ends : TaskLink {};
  Ends ends_;
};

}  // namespace aio::detail
