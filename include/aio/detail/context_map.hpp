#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "aio/detail/ref.hpp"

namespace aio::detail {

/// The values of context variables. Many contexts share one map, so that copying a context costs
/// nothing; who changes a map that is shared makes a copy first.
class ContextMap final : public RefCounted {
 public:
  using Value = std::shared_ptr<const void>;

  ContextMap() = default;
  /// A copy, for one to change.
  explicit ContextMap(const ContextMap* other) {
    if (other) entries_ = other->entries_;
  }

  const void* find(std::uint64_t variable) const noexcept;
  /// Puts `value` in place of what the variable had, and gives that; null stands for none.
  Value exchange(std::uint64_t variable, Value value);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t variable;
    Value value;
  };
  std::vector<Entry> entries_;  // few: in the order of the variables
};

/// A context: where a task or a callback keeps the values that it sees. Empty until something is
/// set, so it costs a pointer where no context variables are used.
struct ContextCell {
  Ref<ContextMap> values;
};

/// The context of the code that runs on this thread; null stands for the thread's own.
inline constinit thread_local ContextCell* entered_context = nullptr;

/// Where a task runs that has none yet: nothing is set in it, and who is about to set something
/// calls `own_context`.
extern ContextCell no_context;

/// The thread's own, for what runs outside tasks and callbacks.
ContextCell& thread_context() noexcept;

inline ContextCell& current_context() noexcept {
  return entered_context ? *entered_context : thread_context();
}

/// The context to set something in: a task that had none has one now.
ContextCell& own_context();

/// What runs in this scope runs in `context`, which has to stay where it is.
class ContextScope {
 public:
  explicit ContextScope(ContextCell& context) noexcept
      : outer_(std::exchange(entered_context, &context)) {}
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;
  ~ContextScope() { entered_context = outer_; }

 private:
  ContextCell* outer_;
};

const void* find_context_value(std::uint64_t variable) noexcept;
ContextMap::Value exchange_context_value(std::uint64_t variable, ContextMap::Value value);

/// A number that no other variable of the program has.
std::uint64_t make_context_variable() noexcept;

}  // namespace aio::detail
