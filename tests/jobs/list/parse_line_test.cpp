#include <doctest/doctest.h>

#include <string>
#include <variant>

#include "jobs/list/parse_files.hpp"

using jobs::Job;
using jobs::ParseError;

namespace {

std::string fault(std::string_view line, std::size_t position = 1,
                  const jobs::ParseOptions& options = {}) {
  const auto result = jobs::parse_line(line, position, options);
  const auto* error = std::get_if<ParseError>(&result);
  return error == nullptr ? "" : error->to_string("line");
}

Job job(std::string_view line, std::size_t position = 1) {
  auto result = jobs::parse_line(line, position, {});
  REQUIRE(std::holds_alternative<Job>(result));
  return std::get<Job>(std::move(result));
}

}  // namespace

TEST_SUITE("parse: one job a line") {
  TEST_CASE("a line is one job, called after its position if it has no id") {
    const Job first = job(R"({"kind":"prime","number":123})", 7);
    CHECK(first.id == "job-7");
    const auto& prime = std::get<jobs::Prime>(first.work);
    CHECK(std::get<primes::Integer>(prime.numbers).to_string() == "123");
    CHECK(job(R"( {"id":"a","kind":"countdown"}  )"
              "\r")
              .id == "a");
    CHECK(job("\xEF\xBB\xBF{\"kind\":\"countdown\"}").id == "job-1");
  }

  TEST_CASE("a line that follows a bad one is read as if nothing had been") {
    CHECK(fault(R"({"kind":"prime","number":[1,2,{"a":)") != "");
    CHECK(job(R"({"kind":"prime","number":7})").id == "job-1");
  }

  TEST_CASE("what is wrong with a line is said once, with its place") {
    CHECK(fault(R"({"kind":"prime","number":7}x)") ==
          "line:1:28: /: there is more after the job object; expected the end of the line");
    CHECK(fault(R"({"kind":"prime","number":7}{"kind":"prime","number":7})") ==
          "line:1:28: /: there is more after the job object; expected the end of the line");
    CHECK(fault(R"({"kind":"prime","number":7},)") ==
          "line:1:28: /: there is more after the job object; expected the end of the line");
    CHECK(fault("7") == "line:1:1: /: found a number; expected a job object");
    CHECK(fault(R"([{"kind":"prime","number":7}])") ==
          "line:1:1: /: found a list; expected a job object");
    CHECK(fault("hello") ==
          "line:1:1: /: \"hello\" has no quotes; expected a value (text in double quotes)");
    CHECK(fault("") == "line:1:1: /: the line is empty; expected a job object");
    CHECK(fault(R"({"kind":"prime","number":)") ==
          "line:1:26: /: the text ends inside the object that begins at 1:1; expected a value");
    CHECK(fault(R"({"kind":"prime","number":7.5,"nubmer":1,"id":7})") ==
          "line:1:26: /number: 7.5 has a fraction or an exponent; expected an integer in digits "
          "only (and 2 more)");
  }

  TEST_CASE("a name by position is good only in its place") {
    CHECK(fault(R"({"id":"job-3","kind":"countdown"})", 3) == "");
    CHECK(fault(R"({"id":"job-3","kind":"countdown"})", 4) ==
          "line:1:7: /id: the id \"job-3\" is kept for the job at that position; expected "
          "\"job-4\" or another id");
  }

  TEST_CASE("a wide text is refused by its family's name") {
    using namespace std::string_literals;
    CHECK(fault("\0{\0\"\0k"s) == "line:1:1: /: the text is in UTF-16; expected UTF-8");
  }

  TEST_CASE("a line with a long list of numbers is read whole") {
    const std::string line =
        R"({"kind":"prime","numbers":[)" + tests::repeated(20'000, "7,") + "11]}";
    const Job many = job(line);
    const auto& numbers = std::get<jobs::Prime>(many.work).numbers;
    CHECK(std::get<std::vector<primes::Integer>>(numbers).size() == 20'001);
  }
}
