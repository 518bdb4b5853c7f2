#include "jobs/kinds/executor_names.hpp"

#include "jobs/json/values.hpp"

namespace jobs::detail {

std::optional<Executor> read_executor(const Scope& scope, std::size_t node) {
  if (scope[node].type == TokenType::string && scope[node].text == "process") {
    scope.fault(node,
                "the executor \"process\" comes later; expected " + alternatives(executors.names));
    return std::nullopt;
  }
  return read_named(scope, node, "executor", executors);
}

}  // namespace jobs::detail
