#include "jobs/json/members.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "jobs/json/piece.hpp"

using jobs::detail::find_members;
using jobs::detail::Members;
using jobs::detail::place_of_key;
using tests::Piece;
using Messages = std::vector<std::string>;

namespace {

constexpr std::array<std::string_view, 3> keys = {"number", "method", "id"};

class Silent final : public jobs::detail::UnknownKey {
 public:
  std::string message(std::string_view, std::span<const std::string_view>) const override {
    return {};
  }
};

}  // namespace

TEST_SUITE("json: members") {
  TEST_CASE("the value of each known key is found at the key's place") {
    Piece piece(R"({"id": "a", "number": 7})");
    const auto scope = piece.scope();
    const Members members = find_members(scope, 0, keys);
    CHECK(scope[members[place_of_key(keys, "id")]].text == "a");
    CHECK(scope[members[place_of_key(keys, "number")]].text == "7");
    CHECK(members[place_of_key(keys, "method")] == 0);
    CHECK(members.lacks(place_of_key(keys, "method")));
    CHECK(piece.messages().empty());
  }

  TEST_CASE("a misspelt key is a fault, and the key that was meant is not missing as well") {
    Piece piece(R"({"nubmer": 7, "speed": 1})");
    const Members members = find_members(piece.scope(), 0, keys);
    CHECK(members[place_of_key(keys, "number")] == 0);
    CHECK_FALSE(members.lacks(place_of_key(keys, "number")));
    CHECK(members.lacks(place_of_key(keys, "id")));
    CHECK(piece.messages() ==
          Messages{R"(unknown key "nubmer"; the nearest known key is "number")",
                   R"(unknown key "speed"; expected "number", "method" or "id")"});
  }

  TEST_CASE("of a key given twice the first value counts") {
    Piece piece(R"({"id": "a", "id": "b", "x-note": 1, "x-note": 2})");
    const auto scope = piece.scope();
    const Members members = find_members(scope, 0, keys);
    CHECK(scope[members[place_of_key(keys, "id")]].text == "a");
    CHECK(piece.messages() == Messages{R"(the key "id" is there twice; expected it once)",
                                       R"(the key "x-note" is there twice; expected it once)"});
  }

  TEST_CASE("a wording of its own may let an unknown key pass") {
    Piece piece(R"({"nubmer": 7})");
    const Members members = find_members(piece.scope(), 0, keys, Silent());
    CHECK(piece.messages().empty());
    CHECK(members.lacks(place_of_key(keys, "number")));
  }
}
