#include "jobs/json/name_table.hpp"

#include <doctest/doctest.h>

namespace {

enum class Colour { red, green };

constexpr jobs::NameTable<Colour, 2> colours = {
    .names = {"green", "red"},
    .values = {Colour::green, Colour::red},
};

}  // namespace

TEST_SUITE("json: names of values") {
  TEST_CASE("a name stands for the value in its place, and no other text does") {
    CHECK(colours.find("red") == Colour::red);
    CHECK(colours.find("green") == Colour::green);
    CHECK_FALSE(colours.find("Red").has_value());
    CHECK_FALSE(colours.find("").has_value());
  }
}
