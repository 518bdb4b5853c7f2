#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string_view>

#include "jobs/json/duration.hpp"

using namespace std::chrono_literals;
using jobs::parse_duration;

TEST_SUITE("parse: durations") {
  TEST_CASE("numbers with units add up") {
    CHECK(parse_duration("1m30s") == 90s);
    CHECK(parse_duration("1.5s") == 1500ms);
    CHECK(parse_duration("0.1s") == 100'000'000ns);
    CHECK(parse_duration("0s") == 0s);
    CHECK(parse_duration("1d2h3m4s5ms6us7ns") == 26h + 3min + 4s + 5ms + 6us + 7ns);
    CHECK(parse_duration("0.5d") == 12h);
    CHECK(parse_duration("1ns1ns") == 2ns);
  }

  TEST_CASE("a bare number is seconds") {
    CHECK(parse_duration("8") == 8s);
    CHECK(parse_duration("0.5") == 500ms);
    CHECK(parse_duration("0") == 0s);
    CHECK(parse_duration("-0.0") == 0s);
    CHECK(parse_duration("1e-3") == 1ms);
    CHECK(parse_duration("25E-1") == 2500ms);
    CHECK(parse_duration("0.00000000125e9") == 1250ms);
    CHECK(parse_duration("1e-400") == 0s);
    CHECK(parse_duration("0e999999999999999999999") == 0s);
    CHECK(parse_duration("1e-999999999999999999999") == 0s);
  }

  TEST_CASE("no digit is lost to a floating-point number in between") {
    CHECK(parse_duration("123456789.123456789") == 123456789s + 123456789ns);
    CHECK(parse_duration("3155759999.999999999s") == 3155760000s - 1ns);
    CHECK(parse_duration("0.30000000000000004") == 300ms);
    CHECK(parse_duration("0.0000000004") == 0ns);
    CHECK(parse_duration("0.0000000005") == 1ns);
    CHECK(parse_duration("0.000000000499999999999999999999") == 0ns);
    CHECK(parse_duration("0.00000000000000000001d") == 0ns);
  }

  TEST_CASE("a hundred years are the most") {
    CHECK(parse_duration("36525d") == std::chrono::hours(24 * 36525));
    CHECK(parse_duration("3155760000") == std::chrono::hours(24 * 36525));
    CHECK_FALSE(parse_duration("36525d1ns").has_value());
    CHECK_FALSE(parse_duration("3155760000.000000001").has_value());
    CHECK_FALSE(parse_duration("1e10").has_value());
    CHECK_FALSE(parse_duration("1e999999999999999999999").has_value());
    CHECK_FALSE(parse_duration("999999999999999999999999999999999999999999d").has_value());
  }

  TEST_CASE("what is no duration is none") {
    for (const std::string_view text :
         {"",      "s",    "1 s", " 1s", "1s ", "1x",   "1S",     "1.s",  ".5s",
          "1..5s", "1e3s", "-1",  "-1s", "+1",  "1m30", "1m-30s", "1,5s", "0x10",
          "nan",   "inf",  "1e",  "1e+", "1.",  ".",    "-",      "1s1"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_duration(text).has_value());
    }
  }
}
