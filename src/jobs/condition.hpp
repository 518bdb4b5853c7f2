#pragma once

#include <utility>
#include <vector>

#include "aio/aio.hpp"

namespace jobs {

/// Lets tasks of one loop wait until something that others change has come about.
class Condition {
 public:
  /// Resumes when `holds()` is true: at once, or after a `notify` that finds it so.
  template <class Predicate>
  aio::Coro<void> until(Predicate holds) {
    while (!holds()) {
      auto changed = aio::get_running_loop().create_future();
      waiting_.push_back(changed);
      co_await changed;
    }
  }

  /// Something changed: everybody who waits looks again.
  void notify() {
    for (const aio::Future<void>& changed : std::exchange(waiting_, {})) {
      if (!changed.done()) changed.set_result();
    }
  }

 private:
  std::vector<aio::Future<void>> waiting_;
};

}  // namespace jobs
