#pragma once

#include "aio/detail/loop_state.hpp"

namespace support {

/// A loop's state with nothing behind it.
class BareState final : public aio::detail::LoopState {
 public:
  BareState() = default;
  aio::TimePoint now() const override { return aio::Clock::now(); }
};

}  // namespace support
