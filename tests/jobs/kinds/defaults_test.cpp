#include "jobs/kinds/defaults.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "jobs/json/piece.hpp"
#include "jobs/kinds/kinds.hpp"

using namespace std::chrono_literals;
using jobs::Countdown;
using jobs::Executor;
using jobs::Prime;
using jobs::detail::Defaults;
using jobs::detail::place_of_work;
using tests::Piece;

namespace {

template <class Work>
const jobs::detail::KindDefaults& of(const Defaults& defaults) {
  return defaults.of_kind[place_of_work<Work>()];
}

}  // namespace

TEST_SUITE("kinds: defaults") {
  TEST_CASE("without defaults in the list, each kind has those of its own work") {
    const Defaults defaults;
    for (std::size_t place = 0; place < jobs::kinds.size(); ++place) {
      CAPTURE(place);
      CHECK(defaults.of_kind[place].work.index() == place);
      CHECK_FALSE(defaults.of_kind[place].executor.has_value());
    }
    CHECK(std::get<Countdown>(of<Countdown>(defaults).work).from == 3);
    CHECK(std::get<Countdown>(of<Countdown>(defaults).work).interval == 1s);
    CHECK(std::get<Prime>(of<Prime>(defaults).work).method == primes::Algorithm::automatic);
  }

  TEST_CASE("the defaults of one kind leave those of the others alone") {
    Piece piece(R"({"countdown": {"from": 5, "interval": "2s", "executor": "thread"}})");
    const Defaults defaults = jobs::detail::read_defaults(piece.scope());
    CHECK(piece.messages().empty());
    CHECK(std::get<Countdown>(of<Countdown>(defaults).work).from == 5);
    CHECK(std::get<Countdown>(of<Countdown>(defaults).work).interval == 2s);
    CHECK(of<Countdown>(defaults).executor == Executor::thread);
    CHECK_FALSE(of<Prime>(defaults).executor.has_value());

    Piece other(R"({"prime": {"method": "trial_division", "executor": "loop"}})");
    const Defaults of_primes = jobs::detail::read_defaults(other.scope());
    CHECK(other.messages().empty());
    CHECK(std::get<Prime>(of<Prime>(of_primes).work).method == primes::Algorithm::trial_division);
    CHECK(of<Prime>(of_primes).executor == Executor::loop);
    CHECK_FALSE(of<Countdown>(of_primes).executor.has_value());
  }

  TEST_CASE("a key that only jobs of the kind have is told from an unknown one") {
    Piece piece(R"({"prime": {"number": 7, "from": 3}, "countdown": {"number": 7}})");
    jobs::detail::read_defaults(piece.scope());
    CHECK(piece.messages() ==
          std::vector<std::string>{
              R"(the key "number" has no default; expected "executor" or "method")",
              R"(unknown key "from"; expected "executor" or "method")",
              R"(unknown key "number"; expected "executor", "from" or "interval")"});
  }

  TEST_CASE("a bad default leaves the plain one in force") {
    Piece piece(R"({"prime": {"method": "AKS"}, "countdown": {"from": -1, "executor": 7}})");
    const Defaults defaults = jobs::detail::read_defaults(piece.scope());
    CHECK(piece.messages().size() == 3);
    CHECK(std::get<Prime>(of<Prime>(defaults).work).method == primes::Algorithm::automatic);
    CHECK(std::get<Countdown>(of<Countdown>(defaults).work).from == 3);
    CHECK_FALSE(of<Countdown>(defaults).executor.has_value());
  }
}
