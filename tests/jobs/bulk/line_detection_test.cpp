#include "jobs/bulk/line_detection.hpp"

#include <doctest/doctest.h>

#include <string>

using jobs::FirstLine;
using jobs::look_at_first_line;

TEST_SUITE_BEGIN("line_detection");

TEST_CASE("a first line that is an object with a kind is a job") {
  for (const char* const line : {
           R"({"kind": "prime", "number": 7})",
           R"({"id": "a", "x-free": {"deep": [1, {"y": 2}]}, "kind": "prime"})",
           R"({"kind": "no such kind"})",
           R"({"kind": )",  // right or wrong
           R"({"kind": 7} and more)",
       }) {
    CAPTURE(line);
    CHECK(look_at_first_line(line + std::string("\n")) == FirstLine::job);
    CHECK(look_at_first_line("\r\n  \n" + std::string(line) + "\r\n{}\n") == FirstLine::job);
  }
}

TEST_CASE("any other first line belongs to one document") {
  for (const char* const line : {
           "{",
           "[",
           "nonsense",
           "7",
           R"("kind")",
           "{}",
           R"({"jobs": []})",
           R"({"jobs": [{"kind": "prime", "number": 7}]})",  // not the outermost object
           R"({"defaults": {"kind": 1}, "jobs": []})",
           R"([{"kind": "prime"}])",
           R"({"x-kind": 1, "v": "kind"})",
           R"({"a\"kind": 1, "b": "\"kind\":"})",
           R"({"id": "unfinished, "kind": 1)",
           R"({} {"kind": 1})",
           R"(} {"kind": 1})",
           R"({"kind")",
           R"({"kind)",
           R"({"\)",
       }) {
    CAPTURE(line);
    CHECK(look_at_first_line(line + std::string("\n")) == FirstLine::other);
  }
}

TEST_CASE("a first line without its end may still become anything") {
  CHECK(look_at_first_line("") == FirstLine::incomplete);
  CHECK(look_at_first_line("\n \r\n") == FirstLine::incomplete);
  CHECK(look_at_first_line(R"({"kind": "prime"})") == FirstLine::incomplete);
}

TEST_CASE("numbers beyond a double do not hide the kind behind them") {
  const std::string huge = "1e999";
  const std::string digits(400, '9');
  CHECK(look_at_first_line("{\"number\": " + digits + ", \"kind\": \"prime\"}\n") ==
        FirstLine::job);
  CHECK(look_at_first_line("{\"number\": " + huge + ", \"kind\": \"prime\"}\n") == FirstLine::job);
}

TEST_CASE("deep nesting does no harm") {
  CHECK(look_at_first_line(std::string(1'000'000, '[') + "\n") == FirstLine::other);
}

TEST_CASE("a byte order mark is skipped") {
  CHECK(look_at_first_line("\xEF\xBB\xBF{\"kind\": \"prime\"}\n") == FirstLine::job);
}
