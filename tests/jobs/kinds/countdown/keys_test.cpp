#include "jobs/kinds/countdown/keys.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "jobs/json/piece.hpp"
#include "jobs/kinds/kinds.hpp"

using namespace std::chrono_literals;
using jobs::Countdown;
using tests::Piece;

namespace {

Countdown read(Piece& piece, const Countdown& defaults = {}) {
  const auto scope = piece.scope();
  const auto& kind = jobs::kinds[jobs::detail::place_of_work<Countdown>()];
  const auto members = jobs::detail::find_members(scope, 0, kind.keys);
  return std::get<Countdown>(kind.read(scope, members, defaults, {}));
}

}  // namespace

TEST_SUITE("kinds: keys of countdown") {
  TEST_CASE("a job's own keys go before the defaults") {
    Piece piece(R"({"kind": "countdown", "from": 5})");
    const Countdown countdown = read(piece, {.from = 9, .interval = 2s});
    CHECK(piece.messages().empty());
    CHECK(countdown.from == 5);
    CHECK(countdown.interval == 2s);
  }

  TEST_CASE("each bad value is a fault of its own") {
    Piece piece(R"({"from": 1000000001, "interval": "-1s"})");
    read(piece);
    CHECK(piece.messages() ==
          std::vector<std::string>{"found 1000000001; expected an integer from 0 to 1000000000",
                                   R"(the duration "-1s" is negative; expected 0 to 100 years)"});
  }
}
