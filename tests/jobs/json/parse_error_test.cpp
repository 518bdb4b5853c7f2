#include "jobs/json/parse_error.hpp"

#include <doctest/doctest.h>

using jobs::ParseError;

TEST_SUITE("json: reported faults") {
  TEST_CASE("a fault is reported with its line and column, counted from 1 in bytes") {
    const ParseError error = jobs::detail::parse_error("{\n \"ä\": 7}", {8, "/ä", "no"});
    CHECK(error.line == 2);
    CHECK(error.column == 7);
    CHECK(error.to_string("list.json") == "list.json:2:7: /ä: no");
  }

  TEST_CASE("the pointer of the root prints as a slash") {
    CHECK(jobs::detail::parse_error("7", {0, "", "no"}).to_string("-") == "-:1:1: /: no");
  }
}
