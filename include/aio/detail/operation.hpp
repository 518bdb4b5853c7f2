#pragma once

namespace aio::detail {

/// The awaitable of `acquire()` and its like: await it, or make a task of it. `owner` has to live
/// until then.
template <class Owner, class Awaiter>
class [[nodiscard("nothing happens until it is awaited")]] Operation {
 public:
  explicit Operation(Owner& owner) : owner_(&owner) {}

  Awaiter operator co_await() const { return Awaiter(*owner_); }

 private:
  Owner* owner_;
};

}  // namespace aio::detail
