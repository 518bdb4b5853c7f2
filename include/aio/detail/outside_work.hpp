#pragma once

#include "aio/detail/ref.hpp"

namespace aio::detail {

/// Work for a loop that is done outside of it: by an executor's threads, by worker processes, by
/// libuv for a request. The loop's list has it, and owns a reference to it, from
/// `OutsideWorkList::add` to `remove`. The loop calls these functions, on its own thread.
class OutsideWork : public RefCounted {
 public:
  /// How far the loop has to wait for it; each includes the one before.
  enum class Claim : unsigned char {
    nothing,  ///< nothing is under way
    time,     ///< virtual time stands still until it is done
    loop,     ///< the loop goes on for its sake, and waits for its end before it closes
  };
  virtual Claim claim() const = 0;

  /// Sends the calls that were gathered during the turn, which has ended.
  virtual void send_gathered() {}
  /// Takes over what is done; called when the loop was woken.
  virtual void take_done() {}
  /// Frees calls that are held up behind others. Returns whether to look again in a millisecond.
  virtual bool look_after() { return false; }
  /// Withdraws all calls that have not begun, and asks the others to stop.
  virtual void cancel_all() noexcept {}
  /// The loop closes and nothing is under way: gives up what it keeps for later calls, `by_force`
  /// if that is not gone by itself in time. Returns whether all of it is gone; called until then.
  virtual bool end(bool by_force) noexcept {
    static_cast<void>(by_force);
    return true;
  }

 private:
  friend class OutsideWorkList;
  OutsideWork* previous_ = nullptr;
  OutsideWork* next_ = nullptr;
};

/// All that is done outside of one loop, in the order in which it was added.
class OutsideWorkList {
 public:
  OutsideWorkList() = default;
  OutsideWorkList(const OutsideWorkList&) = delete;
  OutsideWorkList& operator=(const OutsideWorkList&) = delete;

  void add(OutsideWork& work) noexcept;
  /// Lets go of the list's reference, which may be the last.
  void remove(OutsideWork& work) noexcept;

  /// Whether anything in the list claims as much, or more.
  bool claims(OutsideWork::Claim least) const;

  // Each asks all that is in the list.
  void send_gathered();
  void take_done();
  bool look_after();
  void cancel_all() noexcept;
  bool end(bool by_force) noexcept;

  /// Calls were gathered in this turn, to leave together at its end.
  bool has_gathered = false;

 private:
  template <class F>
  void for_each(const F& f);

  OutsideWork* first_ = nullptr;
  OutsideWork* last_ = nullptr;
};

}  // namespace aio::detail
