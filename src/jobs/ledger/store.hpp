#pragma once

#include <functional>
#include <utility>

#include "jobs/ledger/change.hpp"

namespace jobs {

/// Makes changes durable. Nothing acts on a change, and no record tells of it, before its store has
/// said that it is kept. So the store alone decides how much survives the process. On the loop's
/// thread.
class Store {
 public:
  /// Is called with each change once it is kept, in the order in which they were given.
  using Committed = std::function<void(Change)>;

  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  /// Sets the callback. Once, before the first change.
  void on_committed(Committed committed) { committed_ = std::move(committed); }

  /// Keeps a change, after all that were given before it. `on_committed`'s callback may be called
  /// before this returns.
  virtual void commit(Change change) = 0;

 protected:
  void tell(Change change) const { committed_(std::move(change)); }

 private:
  Committed committed_;
};

/// Keeps nothing beyond the process: every change is as good as kept.
class MemoryStore final : public Store {
 public:
  void commit(Change change) override { tell(std::move(change)); }
};

}  // namespace jobs
