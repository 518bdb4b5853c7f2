#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "aio/detail/context_map.hpp"
#include "aio/error.hpp"

namespace aio {

template <class T>
class ContextVar;
template <class T>
class Token;

namespace detail {

/// A context that has a name for itself, apart from those inside tasks and callbacks.
class ContextObject final : public RefCounted {
 public:
  explicit ContextObject(Ref<ContextMap> values) : cell{std::move(values)} {}

  /// Throws RuntimeError if it is entered already, here or on another thread.
  void enter();
  void leave() noexcept;

  ContextCell cell;

 private:
  std::atomic<bool> entered_ = false;
};

}  // namespace detail

/// The values that context variables have for some piece of code; `copy_context` returns a copy.
///
/// Each task runs in a copy of the context in which it was made, and each callback in a copy of the
/// context in which it was scheduled; so what a task sets is seen by what it calls, awaits and
/// makes, and by nobody else. A thread has a context of its own outside of these. Copying costs the
/// same however many variables are set.
///
/// A handle: copies of it refer to the same context, `copy()` makes another one. It may be handed
/// to another thread; only one may run in it at a time.
class Context {
 public:
  /// An empty context.
  Context() : Context(nullptr) {}
  explicit Context(detail::Ref<detail::ContextMap> values)
      : object_(detail::make_ref<detail::ContextObject>(std::move(values))) {}

  /// A context with the same values, which goes its own way from here.
  Context copy() const { return Context(object_->cell.values); }

  /// Calls `f(args…)` in this context, which keeps what is set there, and returns the result.
  /// Throws RuntimeError if the context is entered already.
  template <class F, class... Args>
    requires std::invocable<F, Args...>
  decltype(auto) run(F&& f, Args&&... args) const {
    const Entered entered(*object_);
    return std::invoke(std::forward<F>(f), std::forward<Args>(args)...);
  }

  /// How many variables are set.
  std::size_t size() const { return object_->cell.values ? object_->cell.values->size() : 0; }
  template <class T>
  bool contains(const ContextVar<T>& variable) const {
    return find(variable) != nullptr;
  }
  /// The variable's value here; nothing if it is not set, whatever its default.
  template <class T>
  std::optional<T> get(const ContextVar<T>& variable) const {
    const T* const value = find(variable);
    return value ? std::optional<T>(*value) : std::nullopt;
  }

  friend bool operator==(const Context&, const Context&) = default;

  /// The shared state, for code that runs in contexts.
  const detail::Ref<detail::ContextObject>& object() const { return object_; }

 private:
  class Entered {
   public:
    explicit Entered(detail::ContextObject& object)
        : object_((object.enter(), object)), scope_(object.cell) {}
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;
    ~Entered() { object_->leave(); }

   private:
    detail::Ref<detail::ContextObject> object_;
    detail::ContextScope scope_;
  };

  template <class T>
  const T* find(const ContextVar<T>& variable) const {
    const auto& values = object_->cell.values;
    return values ? static_cast<const T*>(values->find(variable.key_)) : nullptr;
  }

  detail::Ref<detail::ContextObject> object_;
};

/// A copy of the context that is running.
Context copy_context();

/// The value of a variable before it was set: `ContextVar::set` returns it, for `reset`.
template <class T>
class Token {
 public:
  Token(Token&&) noexcept = default;
  Token& operator=(Token&&) noexcept = default;

  const ContextVar<T>& var() const { return *variable_; }
  /// The value before; nothing if it was not set.
  std::optional<T> old_value() const {
    return old_ ? std::optional<T>(*static_cast<const T*>(old_.get())) : std::nullopt;
  }

 private:
  friend class ContextVar<T>;
  Token(const ContextVar<T>& variable, detail::ContextMap::Value old)
      : variable_(&variable), context_(&detail::current_context()), old_(std::move(old)) {}

  const ContextVar<T>* variable_;
  const detail::ContextCell* context_;
  detail::ContextMap::Value old_;
  mutable bool used_ = false;
};

/// A variable whose value belongs to the context: each task has its own, and begins with that of
/// its maker. Mostly an object with static storage:
///
///     aio::ContextVar<std::string> request_id("request_id", "none");
///
/// Values are immutable while they are set: `get` gives a copy. Any thread may use it; each has
/// contexts of its own. Contexts and tokens may not be asked for it once it is destroyed.
template <class T>
class ContextVar {
  static_assert(std::is_copy_constructible_v<T>,
                "a context variable's value is copied out: use std::shared_ptr for what cannot be");

 public:
  explicit ContextVar(std::string name) : name_(std::move(name)) {}
  ContextVar(std::string name, T default_value)
      : name_(std::move(name)), default_(std::move(default_value)) {}
  ContextVar(const ContextVar&) = delete;
  ContextVar& operator=(const ContextVar&) = delete;

  const std::string& name() const { return name_; }

  /// The value in the running context, or else the default. Throws LookupError if there is neither.
  T get() const {
    if (const T* const value = find()) return *value;
    if (default_) return *default_;
    throw LookupError("the context variable '" + name_ + "' has no value");
  }
  /// The value in the running context, or else `fallback`.
  T get(T fallback) const {
    const T* const value = find();
    return value ? *value : std::move(fallback);
  }

  /// Sets the value in the running context.
  Token<T> set(T value) const {
    auto held = std::make_shared<const T>(std::move(value));
    return Token<T>(*this, detail::exchange_context_value(key_, std::move(held)));
  }

  /// Gives the variable back the value that it had before the `set` that returned `token`. Throws
  /// RuntimeError if the token was used before, ValueError if it is another variable's or another
  /// context's.
  void reset(const Token<T>& token) const {
    if (token.used_) throw RuntimeError("the token has already been used once");
    if (token.variable_ != this) throw ValueError("the token is another context variable's");
    if (token.context_ != &detail::current_context()) {
      throw ValueError("the token was created in a different context");
    }
    token.used_ = true;
    static_cast<void>(detail::exchange_context_value(key_, token.old_));
  }

 private:
  friend class Context;
  const T* find() const { return static_cast<const T*>(detail::find_context_value(key_)); }

  const std::uint64_t key_ = detail::make_context_variable();
  const std::string name_;
  const std::optional<T> default_;
};

namespace detail {

/// A function that is called, wherever, in a copy of the context that it was made in.
template <class F>
class InContext {
 public:
  explicit InContext(F f) : f_(std::move(f)), context_(current_context()) {}

  template <class... Args>
    requires std::invocable<F, Args...>
  decltype(auto) operator()(Args&&... args) {
    const ContextScope scope(context_);
    return std::invoke(std::move(f_), std::forward<Args>(args)...);
  }

 private:
  F f_;
  ContextCell context_;
};

}  // namespace detail
}  // namespace aio
