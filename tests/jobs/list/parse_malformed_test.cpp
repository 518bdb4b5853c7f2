#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "jobs/list/parse_files.hpp"

// Golden cases: malformed/NAME.json and, in NAME.expected, what is said of it, line by line.
// tests/jobs/schema_agreement.py reads the same lists.

namespace {

const std::filesystem::path here = PRIMED_JOBS_TESTS;

}  // namespace

TEST_SUITE("parse: malformed lists") {
  TEST_CASE("every malformed list is reported as its .expected file has it") {
    std::size_t lists = 0;
    for (const auto& entry : std::filesystem::directory_iterator(here / "malformed")) {
      if (entry.path().extension() != ".json") continue;
      const std::string name = entry.path().filename().string();
      CAPTURE(name);
      std::filesystem::path expected = entry.path();
      expected.replace_extension(".expected");
      const auto lines = tests::report(tests::read_file(entry.path()), {}, name);
      CHECK_FALSE(lines.empty());
      CHECK(tests::joined(lines) == tests::read_file(expected));
      ++lists;
    }
    CHECK(lists >= 90);
  }

  TEST_CASE("every valid list and every example passes") {
    const auto config = std::filesystem::path(PRIMED_CONFIG);
    std::size_t lists = 0;
    for (const auto& folder : {here / "valid", config}) {
      for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() != ".json" || name == "jobs.schema.json") continue;
        CAPTURE(name);
        CHECK(tests::joined(tests::report(tests::read_file(entry.path()), {}, name)).empty());
        ++lists;
      }
    }
    CHECK(lists >= 9);
  }
}
