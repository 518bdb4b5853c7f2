#include "jobs/kinds/defaults.hpp"

#include "jobs/json/members.hpp"
#include "jobs/kinds/countdown/keys.hpp"
#include "jobs/kinds/kind_keys.hpp"
#include "jobs/kinds/prime/keys.hpp"

namespace jobs::detail {

Defaults read_defaults(const Scope& scope) {
  const Members kinds = find_members(scope, 0, kind_names);
  Defaults defaults;
  for (std::size_t kind = 0; kind < kind_names.size(); ++kind) {
    const std::size_t object = kinds[kind];
    if (object == 0) continue;
    if (scope[object].type != TokenType::begin_object) {
      scope.wrong_type(object, "an object with the defaults of this kind");
    } else if (kind == countdown_kind) {
      read_countdown_defaults(scope, object, defaults);
    } else {
      read_prime_defaults(scope, object, defaults);
    }
  }
  return defaults;
}

}  // namespace jobs::detail
