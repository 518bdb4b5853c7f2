#include "jobs/list/schema.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "jobs/kinds/executor_names.hpp"
#include "jobs/kinds/kinds.hpp"
#include "jobs/list/schema_json.hpp"

namespace jobs {
namespace {

using Json = nlohmann::ordered_json;

/// A value that fits into so many columns stands on one line.
constexpr std::size_t schema_columns_max = 100;

std::string on_one_line(const Json& value) {
  if (!value.is_structured()) return value.dump();
  std::string text;
  for (const auto& [key, member] : value.items()) {
    if (!text.empty()) text += ", ";
    if (value.is_object()) text += Json(key).dump() + ": ";
    text += on_one_line(member);
  }
  return value.is_object() ? '{' + text + '}' : '[' + text + ']';
}

/// Appends `value` in the style of a person. The line under way is indented by `indent`, and
/// `column` long.
void print(std::string& out, const Json& value, std::size_t indent, std::size_t column) {
  const std::string line = on_one_line(value);
  const bool fits = column + line.size() < schema_columns_max;  // with a comma
  if (fits || !value.is_structured()) {
    out += line;
    return;
  }
  const std::size_t inside = indent + 2;
  const char* separator = "";
  out += value.is_object() ? '{' : '[';
  for (const auto& [key, member] : value.items()) {
    const std::string name = value.is_object() ? Json(key).dump() + ": " : "";
    out.append(separator).append(1, '\n').append(inside, ' ').append(name);
    print(out, member, inside, inside + name.size());
    separator = ",";
  }
  out.append(1, '\n').append(indent, ' ') += value.is_object() ? '}' : ']';
}

/// Adds the members of `more` to `schema`; objects that both have become one.
void merge(Json& schema, const Json& more) {
  for (const auto& [key, member] : more.items()) {
    Json& there = schema[key];
    if (there.is_object() && member.is_object()) {
      merge(there, member);
    } else {
      there = member;
    }
  }
}

/// Adds a kind to the schema of the list: its definitions, its jobs and its defaults. `parts` has
/// the members that all kinds share.
void add_kind(Json& list, const Kind& kind, const Json& parts) {
  const Json own = Json::parse(kind.schema);
  const std::string name(kind.name);
  Json& definitions = list["definitions"];

  Json job = parts["job"];
  job["properties"]["kind"]["const"] = name;
  merge(job, own["job"]);
  merge(definitions, own["definitions"]);
  definitions[name] = std::move(job);

  Json defaults = parts["defaults"];
  merge(defaults, own["defaults"]);
  definitions["defaults"]["properties"][name] = std::move(defaults);

  Json& any_job = definitions["job"];
  any_job["properties"]["kind"]["enum"].push_back(name);
  Json is_of_kind = {{"properties", {{"kind", {{"const", name}}}}}, {"required", {"kind"}}};
  any_job["allOf"].push_back(
      {{"if", std::move(is_of_kind)}, {"then", {{"$ref", "#/definitions/" + name}}}});
}

/// `countdown` ticks, `prime` checks numbers.
std::string summary_of_kinds() {
  std::string text;
  for (const Kind& kind : kinds) {
    if (!text.empty()) text += ", ";
    text += Json::parse(kind.schema)["summary"].get<std::string>();
  }
  return text + '.';
}

std::string make_schema() {
  const Json parts = Json::parse(detail::list_schema);
  Json list = parts["list"];
  Json& definitions = list["definitions"];
  for (const std::string_view name : executors.names) {
    definitions["executor"]["enum"].push_back(name);
  }
  definitions["job"]["properties"]["kind"]["description"] = summary_of_kinds();
  for (const Kind& kind : kinds) add_kind(list, kind, parts);
  std::string text;
  print(text, list, 0, 0);
  return text + '\n';
}

}  // namespace

std::string_view schema() {
  static const std::string text = make_schema();
  return text;
}

}  // namespace jobs
