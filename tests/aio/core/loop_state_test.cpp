#include "aio/detail/loop_state.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <set>
#include <vector>

#include "aio/error.hpp"
#include "support/bare_state.hpp"

using aio::detail::LoopState;
using aio::detail::make_ref;
using aio::detail::Ref;
using support::BareState;

TEST_CASE("no two loops have one number and that of a loop that is gone is given again") {
  std::vector<Ref<LoopState>> loops;
  std::set<std::uint16_t> given;
  for (int i = 0; i < 100; ++i) {
    loops.push_back(make_ref<BareState>());
    CHECK(&LoopState::numbered(loops.back()->number()) == loops.back().get());
    CHECK(given.insert(loops.back()->number()).second);
  }
  const std::uint16_t gone = loops[50]->number();
  loops.erase(loops.begin() + 50);
  const auto next = make_ref<BareState>();
  CHECK(next->number() == gone);
  CHECK(&LoopState::numbered(gone) == next.get());
}

TEST_CASE("where all numbers are taken no loop is made until one is gone") {
  std::vector<Ref<BareState>> loops;
  try {
    while (loops.size() <= 65'536) loops.push_back(make_ref<BareState>());
  } catch (const aio::RuntimeError&) {
  }
  CHECK(loops.size() > 65'000);
  CHECK(loops.size() <= 65'536);
  CHECK_THROWS_AS(make_ref<BareState>(), aio::RuntimeError);
  loops.erase(loops.begin() + 7);
  CHECK_NOTHROW(make_ref<BareState>());
}
