#pragma once

#include <coroutine>
#include <cstdlib>

namespace bench {

/// What the promise of a floor's coroutine has: it runs at once, up to its first wait, and is gone
/// when it ends. Nobody waits for it, and it does not throw.
struct BarePromise {
  std::suspend_never initial_suspend() { return {}; }
  std::suspend_never final_suspend() noexcept { return {}; }
  void return_void() {}
  void unhandled_exception() { std::abort(); }
};

}  // namespace bench
