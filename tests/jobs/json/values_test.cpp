#include "jobs/json/values.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "jobs/json/piece.hpp"

using tests::Piece;
using Messages = std::vector<std::string>;

namespace {

constexpr jobs::NameTable<int, 2> speeds = {.names = {"slow", "fast"}, .values = {1, 99}};

}  // namespace

TEST_SUITE("json: values") {
  TEST_CASE("a name is read as the value that it stands for") {
    Piece piece(R"("fast")");
    CHECK(jobs::detail::read_named(piece.scope(), 0, "speed", speeds) == 99);
    CHECK(jobs::detail::read_name(piece.scope(), 0, "speed", speeds.names) == 1U);
    CHECK(piece.messages().empty());
  }

  TEST_CASE("an unknown name is a fault that lists the known ones and the nearest") {
    Piece near(R"("fats")");
    CHECK_FALSE(jobs::detail::read_named(near.scope(), 0, "speed", speeds).has_value());
    CHECK(near.messages() ==
          Messages{R"(unknown speed "fats"; expected "slow" or "fast" (the nearest is "fast"))"});
    Piece far(R"("warp")");
    CHECK_FALSE(jobs::detail::read_named(far.scope(), 0, "speed", speeds).has_value());
    CHECK(far.messages() == Messages{R"(unknown speed "warp"; expected "slow" or "fast")"});
    Piece number("7");
    CHECK_FALSE(jobs::detail::read_named(number.scope(), 0, "speed", speeds).has_value());
    CHECK(number.messages() == Messages{R"(found a number; expected "slow" or "fast")"});
  }

  TEST_CASE("a count has bounds, and neither a fraction nor an exponent") {
    for (const char* const text : {"1", "9"}) {
      Piece piece(text);
      CHECK(jobs::detail::read_count(piece.scope(), 0, 1, 9).has_value());
    }
    for (const char* const text : {"0", "10", "-1", "7.0", "1e0", "99999999999999999999"}) {
      CAPTURE(text);
      Piece piece(text);
      CHECK_FALSE(jobs::detail::read_count(piece.scope(), 0, 1, 9).has_value());
      CHECK(piece.messages() ==
            Messages{"found " + std::string(text) + "; expected an integer from 1 to 9"});
    }
  }

  TEST_CASE("a duration is a number of seconds or text with units") {
    using namespace std::chrono_literals;
    Piece bare("0.5");
    CHECK(jobs::detail::read_duration(bare.scope(), 0) == 500ms);
    Piece text(R"("1m30s")");
    CHECK(jobs::detail::read_duration(text.scope(), 0) == 90s);
    Piece unitless(R"("90")");
    CHECK_FALSE(jobs::detail::read_duration(unitless.scope(), 0).has_value());
  }

  TEST_CASE("the name of a file is neither empty nor has a zero byte") {
    Piece good(R"("numbers.txt")");
    CHECK(jobs::detail::read_path(good.scope(), 0) == "numbers.txt");
    for (const char* const text : {R"("")", R"("a\u0000b")", "7"}) {
      CAPTURE(text);
      Piece piece(text);
      CHECK_FALSE(jobs::detail::read_path(piece.scope(), 0).has_value());
      CHECK(piece.messages().size() == 1);
    }
  }
}
