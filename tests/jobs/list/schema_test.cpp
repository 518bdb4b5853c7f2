#include "jobs/list/schema.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "jobs/kinds/executor_names.hpp"
#include "jobs/kinds/kinds.hpp"
#include "jobs/kinds/prime/keys.hpp"
#include "jobs/list/parse_files.hpp"

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string>;

namespace {

Names names_of(std::span<const std::string_view> names) { return {names.begin(), names.end()}; }

/// The properties that an object of the schema has, but for `$schema`.
Names properties_of(const Json& object) {
  Names names;
  for (const auto& [name, property] : object["properties"].items()) {
    if (name != "$schema") names.push_back(name);
  }
  return names;
}

}  // namespace

TEST_SUITE("the schema of the list") {
  TEST_CASE("the checked-in file is the text that the table of kinds makes") {
    const auto file = std::filesystem::path(PRIMED_CONFIG) / "jobs.schema.json";
    const bool same = jobs::schema() == tests::read_file(file);
    CHECK_MESSAGE(same, "to write it anew: primed schema > config/jobs.schema.json");
  }

  TEST_CASE("each kind's jobs and defaults have the keys that the parser knows") {
    const Json definitions = Json::parse(jobs::schema())["definitions"];
    for (const jobs::Kind& kind : jobs::kinds) {
      CAPTURE(kind.name);
      const std::string name(kind.name);
      CHECK(properties_of(definitions[name]) == names_of(kind.keys.names()));
      CHECK(definitions[name]["properties"]["kind"]["const"] == name);
      CHECK(properties_of(definitions["defaults"]["properties"][name]) ==
            names_of(kind.default_keys.names()));
    }
  }

  TEST_CASE("the names in the schema are those of the tables") {
    const Json definitions = Json::parse(jobs::schema())["definitions"];
    CHECK(definitions["job"]["properties"]["kind"]["enum"] ==
          Json(names_of(jobs::detail::kind_names)));
    CHECK(definitions["executor"]["enum"] == Json(names_of(jobs::executors.names)));
    CHECK(definitions["method"]["enum"] == Json(names_of(jobs::detail::methods.names)));
  }

  TEST_CASE("no kind takes the name of a definition that is not its own") {
    std::set<std::string> seen;
    for (const jobs::Kind& kind : jobs::kinds) {
      CAPTURE(kind.name);
      const Json own = Json::parse(kind.schema)["definitions"];
      CHECK(seen.insert(std::string(kind.name)).second);
      for (const auto& [name, definition] : own.items()) {
        CAPTURE(name);
        CHECK(seen.insert(name).second);
        CHECK(Json::parse(jobs::schema())["definitions"][name] == definition);
      }
    }
  }
}
