#include "jobs/kinds/defaults.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "jobs/json/members.hpp"
#include "jobs/kinds/executor_names.hpp"
#include "jobs/kinds/kinds.hpp"

namespace jobs::detail {
namespace {

/// Words the fault of an unknown key in a kind's defaults: it may be one that only jobs have.
class KeyWithoutDefault final : public UnknownKey {
 public:
  explicit KeyWithoutDefault(const Kind& kind) : kind_(kind) {}

  std::string message(std::string_view key,
                      std::span<const std::string_view> known) const override {
    const auto names = kind_.keys.names();
    if (std::ranges::find(names, key) == names.end()) return unknown_key(key, known);
    return "the key " + echo(key) + " has no default; expected " + alternatives(known);
  }

 private:
  const Kind& kind_;
};

void read_kind_defaults(const Scope& scope, std::size_t object, const Kind& kind,
                        KindDefaults& defaults) {
  const Members members = find_members(scope, object, kind.default_keys, KeyWithoutDefault(kind));
  const std::size_t executor = members[default_executor_key];
  if (executor != 0) defaults.executor = read_executor(scope, executor);
  kind.read_defaults(scope, members, defaults.work);
}

}  // namespace

std::array<KindDefaults, std::variant_size_v<JobWork>> Defaults::plain() {
  return []<std::size_t... place>(std::index_sequence<place...>) {
    return std::array{KindDefaults{JobWork(std::in_place_index<place>), std::nullopt}...};
  }(std::make_index_sequence<std::variant_size_v<JobWork>>{});
}

Defaults read_defaults(const Scope& scope) {
  const Members objects = find_members(scope, 0, kind_names);
  Defaults defaults;
  for (const Kind& kind : kinds) {
    const std::size_t object = objects[kind.place];
    if (object == 0) continue;
    if (scope[object].type != TokenType::begin_object) {
      scope.wrong_type(object, "an object with the defaults of this kind");
    } else {
      read_kind_defaults(scope, object, kind, defaults.of_kind[kind.place]);
    }
  }
  return defaults;
}

}  // namespace jobs::detail
