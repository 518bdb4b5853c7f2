#pragma once

#include <exception>
#include <memory>
#include <new>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "aio/detail/loop_state.hpp"
#include "aio/error.hpp"

namespace aio::detail {

class FutureBase;
class CoroFrame;

/// A waiter of a future: a link in its list.
class DoneNode {
 public:
  /// The future is done; the node has left the list, and makes its task ready.
  virtual void on_done() noexcept = 0;
  /// The future went away undone: nobody is left who could set it.
  virtual void on_abandoned() noexcept = 0;

  /// The future that waits here: a task, or what is done in its turn once this one is; null for a
  /// plain callback. For inspection, in a signal handler too: it only reads.
  virtual FutureBase* awaiting_future() const noexcept { return nullptr; }
  /// By what means it waits: "TaskGroup"; null if that future says it itself.
  virtual const char* awaiting_word() const noexcept { return nullptr; }
  const DoneNode* next() const { return next_; }

  bool is_linked() const { return previous_ != nullptr; }

 protected:
  ~DoneNode() = default;

 private:
  friend class FutureBase;
  DoneNode* previous_ = nullptr;  // the first one's is the last one
  DoneNode* next_ = nullptr;
};

/// The common part of all futures: the state, the waiters, the exception.
class FutureBase : public RefCounted {
 public:
  /// With that many references.
  explicit FutureBase(LoopState& loop, std::uint32_t references = 1)
      : RefCounted(references), loop_number_(loop.number()) {
    loop.hold();
  }

  LoopState& loop() const { return LoopState::numbered(loop_number_); }
  bool done() const { return status_ != Status::pending; }
  bool cancelled() const { return status_ == Status::cancelled; }

  /// False if done. Else asks for cancellation; a plain future is cancelled at once.
  virtual bool cancel(const CancelledError& request);
  /// Whether users may set its result.
  virtual bool is_task() const { return false; }
  /// Its name in reports.
  virtual std::string describe() const { return "Future"; }
  /// Its kind, in one word for inspection, in a signal handler too: "task", "gather".
  virtual const char* word() const noexcept { return "future"; }
  /// The task that it is; null if it is none.
  virtual TaskCore* as_task() noexcept { return nullptr; }
  /// Its waiters, oldest first.
  const DoneNode* first_waiting() const { return first_; }

  /// The exception it ended with, or none. Throws InvalidStateError while pending, CancelledError
  /// if it was cancelled.
  std::exception_ptr exception();
  void set_exception(std::exception_ptr exception);

  /// Throws its exception, if it did not end with a result.
  void throw_if_failed() {
    if (status_ != Status::finished) [[unlikely]]
      throw_failure();
  }

  /// Tells `node` when done, in the order of adding; at once if it is done already. The node must
  /// stay until then, or be removed.
  void add(DoneNode& node);
  bool remove(DoneNode& node) noexcept { return node.is_linked() && unlink(node); }

  bool has_exception() const { return status_ == Status::failed; }
  bool is_retrieved() const { return retrieved_; }
  /// What it has failed with, or will fail with, counts as seen.
  void mark_retrieved() noexcept { retrieved_ = true; }

 protected:
  enum class Status : unsigned char { pending, finished, failed, cancelled };

  ~FutureBase() override {
    if (status_ != Status::finished) [[unlikely]]
      drop_unfinished();
    loop().unhold();
  }
  /// A task of `loop` has to end: its body has, or, if it had not started, never runs. Not inline:
  /// the compiler would take it for the likely one, and compare first.
  virtual void end_task(LoopState& loop) noexcept;
  void dispose() noexcept override {
    report_if_unseen();
    delete this;
  }
  void report_if_unseen() noexcept {
    if (status_ == Status::failed && !retrieved_) [[unlikely]]
      report_unseen();
  }

  void require_pending() const {
    loop().require_own_thread();
    if (done()) [[unlikely]]
      throw_not_pending();
  }
  bool is_finished() const { return status_ == Status::finished; }
  void finish() noexcept { complete(Status::finished); }
  void finish_cancelled(const CancelledError& error) noexcept;
  /// `error` is a CancelledError.
  void finish_cancelled(std::exception_ptr error) noexcept;

  /// Where the result is kept once the future is finished, or its address if it is not small.
  void* slot() noexcept { return slot_.result; }

 private:
  friend class TaskCore;

  void complete(Status status) noexcept {
    status_ = status;
    if (first_) tell_all();
  }
  void tell_all() noexcept;
  bool unlink(DoneNode& node) noexcept;
  void report_unseen() noexcept;
  [[noreturn]] void throw_failure();
  [[noreturn]] static void throw_not_pending();
  /// It goes without a result: nobody is left who could set it, or it has an exception.
  void drop_unfinished() noexcept;

  /// Only one of them is there at a time.
  union Slot {
    Slot() noexcept : innermost(nullptr) {}
    ~Slot() {}
    CoroFrame* innermost;                // of a task that is pending
    std::exception_ptr exception;        // of what failed or was cancelled
    alignas(8) unsigned char result[8];  // or where it is
  };

  Status status_ = Status::pending;
  bool retrieved_ = false;
  const std::uint16_t loop_number_;  // two bytes, where a pointer takes eight
  DoneNode* first_ = nullptr;
  Slot slot_;
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

/// Room for a T that comes later, if ever.
template <class T>
union Room {
  Room() noexcept {}
  ~Room() {}
  T value;
};

/// Whether a result has room in the place where a future keeps an exception.
template <class T>
inline constexpr bool fits_slot = sizeof(T) <= 8 && alignof(T) <= 8;

/// The room that a future needs beside that place for its result.
struct NoRoom {};
template <class T>
using ResultRoom = std::conditional_t<fits_slot<ValueOf<T>>, NoRoom, Room<ValueOf<T>>>;

/// A future with the type of its result. Who derives has the room for a result that does not fit
/// the slot, and calls `destroy_value` in its destructor; the slot holds the result's address. So
/// this class has one size, and what else a task has one place, whatever its result.
template <class T>
class FutureState : public FutureBase {
  static_assert(!std::is_reference_v<T>,
                "a Future or Coro of a reference: return a pointer or std::reference_wrapper");

 public:
  /// The result; throws as `throw_if_failed` does.
  ValueOf<T>& value() {
    throw_if_failed();
    return place();
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

 protected:
  using FutureBase::FutureBase;

  /// Ends it with a result, which is made in `room` if that is where it goes.
  template <class U>
  void finish_in(ResultRoom<T>& room, U&& value) {
    if constexpr (fits_slot<ValueOf<T>>) {
      ::new (slot()) ValueOf<T>(std::forward<U>(value));
    } else {
      ValueOf<T>* const place =
          std::construct_at(std::addressof(room.value), std::forward<U>(value));
      ::new (slot()) ValueOf<T>*(place);
    }
    finish();
  }
  /// Called by the destructor of who has the room.
  void destroy_value() noexcept {
    if (is_finished()) std::destroy_at(std::addressof(place()));
  }

 private:
  /// Where its result is, once it has one.
  ValueOf<T>& place() noexcept {
    if constexpr (fits_slot<ValueOf<T>>) {
      return *std::launder(static_cast<ValueOf<T>*>(slot()));
    } else {
      return **std::launder(static_cast<ValueOf<T>**>(slot()));
    }
  }
};

/// A future that is no task: its result may be set.
template <class T>
class PlainFuture : public FutureState<T> {
 public:
  using FutureState<T>::FutureState;

  template <class U>
  void set_value(U&& value) {
    this->require_pending();
    this->finish_in(room_, std::forward<U>(value));
  }

 protected:
  ~PlainFuture() override { this->destroy_value(); }

 private:
  [[no_unique_address]] ResultRoom<T> room_;
};

}  // namespace aio::detail
