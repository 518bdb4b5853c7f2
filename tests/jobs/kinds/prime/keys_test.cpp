#include "jobs/kinds/prime/keys.hpp"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "jobs/json/piece.hpp"
#include "jobs/kinds/kinds.hpp"

using jobs::Prime;
using primes::Algorithm;
using primes::Integer;
using tests::Piece;
using Messages = std::vector<std::string>;

namespace {

Prime read(Piece& piece, Algorithm method_by_default = Algorithm::automatic) {
  const auto scope = piece.scope();
  const auto& kind = jobs::kinds[jobs::detail::place_of_work<Prime>()];
  const auto members = jobs::detail::find_members(scope, 0, kind.keys);
  Prime defaults;
  defaults.method = method_by_default;
  return std::get<Prime>(
      kind.read(scope, members, defaults, {.folder = "lists", .max_digits = 30}));
}

}  // namespace

TEST_SUITE("kinds: keys of prime") {
  TEST_CASE("the numbers are one number, a list, or a file beside the list") {
    Piece one(R"({"number": 7})");
    CHECK(std::get<Integer>(read(one).numbers).to_string() == "7");
    Piece many(R"({"numbers": [7, "0xb"]})");
    CHECK(std::get<std::vector<Integer>>(read(many).numbers).at(1).to_string() == "11");
    Piece file(R"({"numbers_from": "n.txt"})");
    const auto from = std::get<jobs::NumbersFrom>(read(file).numbers);
    CHECK(from.file == "lists/n.txt");
    CHECK(from.max_digits == 30);
  }

  TEST_CASE("of the three keys for numbers exactly one is there") {
    Piece two(R"({"numbers": [7], "number": 7})");
    read(two);
    CHECK(two.messages() ==
          Messages{R"(both "numbers" and "number" are there; expected exactly one of )"
                   R"("number", "numbers" or "numbers_from")"});
    Piece none("{}");
    read(none);
    CHECK(none.messages() == Messages{R"(no number to check; expected exactly one of )"
                                      R"("number", "numbers" or "numbers_from")"});
  }

  TEST_CASE("a job's method goes before the default") {
    Piece own(R"({"number": 7, "method": "auto"})");
    CHECK(read(own, Algorithm::trial_division).method == Algorithm::automatic);
    Piece usual(R"({"number": 7})");
    CHECK(read(usual, Algorithm::trial_division).method == Algorithm::trial_division);
  }

  TEST_CASE("a number too large for its method is a fault, unless the method is one itself") {
    Piece wide(R"({"number": 18446744073709551616})");
    read(wide, Algorithm::trial_division);
    CHECK(wide.messages().size() == 1);
    Piece unknown(R"({"number": 18446744073709551616, "method": "AKS"})");
    read(unknown, Algorithm::trial_division);
    CHECK(unknown.messages() ==
          Messages{R"(unknown method "AKS"; expected "auto" or "trial_division")"});
  }
}
