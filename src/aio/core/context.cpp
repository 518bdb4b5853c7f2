#include "aio/context.hpp"

#include <algorithm>
#include <atomic>

#include "aio/detail/task_core.hpp"

namespace aio::detail {

namespace {

/// The thread's own context. A loop that outlives it, in a static object, finds it empty.
struct ThreadContext : ContextCell {
  ~ThreadContext() { values = nullptr; }
};

}  // namespace

const void* ContextMap::find(std::uint64_t variable) const noexcept {
  const auto found = std::ranges::lower_bound(entries_, variable, {}, &Entry::variable);
  return found != entries_.end() && found->variable == variable ? found->value.get() : nullptr;
}

ContextMap::Value ContextMap::exchange(std::uint64_t variable, Value value) {
  const auto found = std::ranges::lower_bound(entries_, variable, {}, &Entry::variable);
  if (found == entries_.end() || found->variable != variable) {
    if (value) entries_.insert(found, {variable, std::move(value)});
    return nullptr;
  }
  found->value.swap(value);
  if (!found->value) entries_.erase(found);
  return value;
}

constinit ContextCell no_context;

ContextCell& thread_context() noexcept {
  thread_local ThreadContext context;
  return context;
}

ContextCell& own_context() {
  if (entered_context != &no_context) return current_context();
  entered_context = &require_running_loop().current_task->make_context();
  return *entered_context;
}

const void* find_context_value(std::uint64_t variable) noexcept {
  const ContextMap* const values = current_context().values.get();
  return values ? values->find(variable) : nullptr;
}

ContextMap::Value exchange_context_value(std::uint64_t variable, ContextMap::Value value) {
  Ref<ContextMap>& values = own_context().values;
  if (!values || !values->is_unique()) values = make_ref<ContextMap>(values.get());
  return values->exchange(variable, std::move(value));
}

std::uint64_t make_context_variable() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

void ContextObject::enter() {
  if (entered_.exchange(true)) {
    throw RuntimeError("cannot enter context: it is already entered");
  }
}

void ContextObject::leave() noexcept { entered_ = false; }

}  // namespace aio::detail

namespace aio {

Context copy_context() { return Context(detail::current_context().values); }

}  // namespace aio
