#include "jobs/kinds/kinds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "jobs/list/parse.hpp"

using jobs::Job;
using jobs::Kind;
using jobs::kinds;
using jobs::ParseError;

namespace {

bool has(std::span<const std::string_view> keys, std::string_view key) {
  return std::ranges::find(keys, key) != keys.end();
}

std::size_t count_different(std::span<const std::string_view> names) {
  return std::set<std::string_view>(names.begin(), names.end()).size();
}

/// The first kind that has `key`; null if none has.
const Kind* owner_of(std::string_view key) {
  const auto* const kind =
      std::ranges::find_if(kinds, [&](const Kind& each) { return has(each.keys.names(), key); });
  return kind == kinds.end() ? nullptr : kind;
}

/// A good job of the kind that has the member `more` too.
std::string job_of(const Kind& kind, const std::string& more = {}) {
  const std::string needed = kind.name == "prime" ? R"(,"number":7)" : "";
  return R"({"kind":")" + std::string(kind.name) + '"' + needed + more + '}';
}

std::string fault(const std::string& line) {
  const auto result = jobs::parse_line(line, 1, {});
  const auto* const error = std::get_if<ParseError>(&result);
  return error == nullptr ? "" : error->message;
}

}  // namespace

TEST_SUITE("kinds: the table") {
  TEST_CASE("attempts of each kind are worked in one of the two ways") {
    for (const jobs::Kind& kind : jobs::kinds) {
      CAPTURE(kind.name);
      CHECK((kind.start_stepped == nullptr) != (kind.start_waiting == nullptr));
    }
  }

  TEST_CASE("each kind has a name of its own, in the order of the table") {
    CHECK(count_different(jobs::detail::kind_names) == kinds.size());
    for (const Kind& kind : kinds) CHECK(jobs::detail::kind_names[kind.place] == kind.name);
  }

  TEST_CASE("a job's kind is the row of its work's alternative") {
    CHECK(kinds.size() == std::variant_size_v<jobs::JobWork>);
    CHECK(jobs::kind_of(Job{.id = "a", .executor = {}, .work = jobs::Countdown{}}).name ==
          "countdown");
    CHECK(jobs::kind_of(Job{.id = "a", .executor = {}, .work = jobs::Prime{}}).name == "prime");
    for (std::size_t place = 0; place < kinds.size(); ++place) CHECK(kinds[place].place == place);
  }

  TEST_CASE("a kind's keys are all different, and the common ones come first") {
    for (const Kind& kind : kinds) {
      CAPTURE(kind.name);
      const auto keys = kind.keys.names();
      CHECK(count_different(keys) == keys.size());
      CHECK(std::ranges::equal(keys.first(jobs::detail::common_job_keys.size()),
                               jobs::detail::common_job_keys));
      const auto defaults = kind.default_keys.names();
      CHECK(count_different(defaults) == defaults.size());
      CHECK(std::ranges::equal(defaults.first(jobs::detail::common_default_keys.size()),
                               jobs::detail::common_default_keys));
      for (const std::string_view key : defaults) CHECK(has(keys, key));
    }
  }

  TEST_CASE("the keys of all kinds are there once each") {
    const auto all = jobs::detail::keys_of_all_kinds();
    CHECK(count_different(all) == all.size());
    for (const std::string_view key : all) CHECK(owner_of(key) != nullptr);
    for (const Kind& kind : kinds) {
      for (const std::string_view key : kind.keys.names()) CHECK(has(all, key));
    }
  }

  TEST_CASE("a kind reads work of its own alternative") {
    for (const Kind& kind : kinds) {
      CAPTURE(kind.name);
      const auto result = jobs::parse_line(job_of(kind), 1, {});
      REQUIRE(std::holds_alternative<Job>(result));
      CHECK(jobs::kind_of(std::get<Job>(result)).name == kind.name);
    }
  }
}

TEST_SUITE("kinds: keys of other kinds") {
  TEST_CASE("a key that another kind has is refused with that kind's name") {
    std::size_t refused = 0;
    for (const Kind& kind : kinds) {
      const auto keys = kind.keys.names();
      for (const std::string_view key : jobs::detail::keys_of_all_kinds()) {
        if (has(keys, key)) continue;
        CAPTURE(kind.name);
        CAPTURE(key);
        const std::string message = fault(job_of(kind, ",\"" + std::string(key) + "\":0"));
        const std::string expected = "the key \"" + std::string(key) + "\" is for jobs of kind \"" +
                                     std::string(owner_of(key)->name) + "\"; expected \"id\", ";
        CHECK(message.starts_with(expected));
        ++refused;
      }
    }
    CHECK(refused > 0);
  }

  TEST_CASE("in a job of an unknown kind, no kind's key is a fault of its own") {
    for (const std::string_view key : jobs::detail::keys_of_all_kinds()) {
      if (key == "kind" || key == "id" || key == "executor") continue;
      CAPTURE(key);
      CHECK(fault(R"({"kind":"nap",")" + std::string(key) + R"(":0})") ==
            R"(unknown kind "nap"; expected "countdown" or "prime")");
    }
    CHECK(fault(R"({"nubmer":7,"kind":"nap"})") ==
          R"(unknown key "nubmer"; the nearest known key is "number" (and 1 more))");
  }
}
