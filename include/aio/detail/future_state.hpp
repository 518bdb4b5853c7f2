#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>

#include "aio/detail/loop_state.hpp"
#include "aio/error.hpp"

namespace aio::detail {

class FutureBase;

/// One who waits for a future: a link in its list.
class DoneNode {
 public:
  /// The future is done; the node has left the list, and makes ready whatever is to follow.
  virtual void on_done() noexcept = 0;
  /// The future went away undone: nobody is left who could set it.
  virtual void on_abandoned() noexcept = 0;

  /// The future that waits here: a task, or what is done in its turn once this one is; null for a
  /// plain callback. For inspection, in a signal handler too: it only reads.
  virtual FutureBase* awaiting_future() const noexcept { return nullptr; }
  /// By what means it waits: "TaskGroup"; null if that future says it itself.
  virtual const char* awaiting_word() const noexcept { return nullptr; }
  const DoneNode* next() const { return next_; }

  bool is_linked() const { return linked_; }

 protected:
  ~DoneNode() = default;

 private:
  friend class FutureBase;
  DoneNode* previous_ = nullptr;
  DoneNode* next_ = nullptr;
  bool linked_ = false;
};

/// What all futures have in common: how far they are, who waits, what went wrong.
class FutureBase : public RefCounted {
 public:
  explicit FutureBase(LoopState& loop) : loop_(loop) {}

  LoopState& loop() const { return *loop_; }
  bool done() const { return status_ != Status::pending; }
  bool cancelled() const { return status_ == Status::cancelled; }

  /// False if done. Else asks for cancellation; a plain future is cancelled at once.
  virtual bool cancel(const CancelledError& request);
  /// Whether users may set its result.
  virtual bool is_task() const { return false; }
  /// What reports call it.
  virtual std::string describe() const { return "Future"; }
  /// What it is, in one word for inspection, in a signal handler too: "task", "gather".
  virtual const char* word() const noexcept { return "future"; }
  /// The task that it is; null if it is none.
  virtual TaskCore* as_task() noexcept { return nullptr; }
  /// Who waits for it, oldest first.
  const DoneNode* first_waiting() const { return first_; }

  /// The exception it ended with, or none. Throws InvalidStateError while pending, CancelledError
  /// if it was cancelled.
  std::exception_ptr exception();
  void set_exception(std::exception_ptr exception);

  /// Throws what it ended with, if it did not end with a result.
  void throw_if_failed();

  /// Tells `node` when done, in the order of adding; at once if it is done already. The node must
  /// stay until then, or be removed.
  void add(DoneNode& node);
  bool remove(DoneNode& node) noexcept;

  bool has_exception() const { return exception_ != nullptr; }
  bool is_retrieved() const { return retrieved_; }
  /// What it has failed with, or will fail with, counts as seen.
  void mark_retrieved() noexcept { retrieved_ = true; }

 protected:
  enum class Status : unsigned char { pending, finished, cancelled };

  ~FutureBase() override;
  void dispose() noexcept override;
  void require_pending() const;
  void finish() noexcept { complete(Status::finished); }
  void finish_cancelled(CancelledError error) noexcept;

 private:
  void complete(Status status) noexcept;

  Ref<LoopState> loop_;
  DoneNode* first_ = nullptr;
  DoneNode* last_ = nullptr;
  std::exception_ptr exception_;
  std::unique_ptr<CancelledError> cancelled_error_;
  Status status_ = Status::pending;
  bool retrieved_ = false;
};

/// void as a value, for tuples and storage.
template <class T>
using ValueOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// Whether T can be copied. The standard's trait takes a container's word for it, and a vector says
/// yes whatever it holds.
template <class T>
inline constexpr bool is_copyable = std::is_copy_constructible_v<T>;
template <class T>
  requires requires { typename T::value_type; } && (!std::is_same_v<T, typename T::value_type>)
inline constexpr bool is_copyable<T> =
    std::is_copy_constructible_v<T> && is_copyable<typename T::value_type>;
template <class... T>
inline constexpr bool is_copyable<std::tuple<T...>> = (is_copyable<T> && ...);

/// A future with room for its result.
template <class T>
class FutureState : public FutureBase {
  static_assert(!std::is_reference_v<T>,
                "a Future or Coro of a reference: return a pointer or std::reference_wrapper");

 public:
  using FutureBase::FutureBase;

  template <class U>
  void set_value(U&& value) {
    require_pending();
    value_.emplace(std::forward<U>(value));
    finish();
  }

  /// The result; throws as `throw_if_failed` does.
  ValueOf<T>& value() {
    throw_if_failed();
    return *value_;
  }

  /// The result for one of several who have a claim to it: copied, or moved out if it cannot be.
  ValueOf<T> share_value() {
    if constexpr (is_copyable<ValueOf<T>>) {
      return value();
    } else {
      return std::move(value());
    }
  }

  /// The result for one who gives up his handle: moved out if nobody else holds the future, else
  /// shared.
  ValueOf<T> take_value() { return is_unique() ? std::move(value()) : share_value(); }

 private:
  std::optional<ValueOf<T>> value_;
};

}  // namespace aio::detail
