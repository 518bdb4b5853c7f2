#pragma once

#include <cstddef>
#include <string_view>

#include "jobs/job.hpp"
#include "jobs/json/scope.hpp"
#include "jobs/kinds/defaults.hpp"
#include "jobs/kinds/parse_options.hpp"

namespace jobs::detail {

/// Receives a list's explicit ids one by one.
class IdClaims {
 public:
  /// Claims `id`, written at `node`, for the job under way. An id that is taken is a fault.
  virtual void claim(const Scope& scope, std::size_t node, std::string_view id) = 0;

 protected:
  ~IdClaims() = default;
};

/// The circumstances that a job's meaning depends on, beside its own text.
struct JobContext {
  const ParseOptions& options;
  const Defaults& defaults;
  std::size_t position;     ///< 1-based; the name of a job without an id has it
  IdClaims* ids = nullptr;  ///< may be null
};

/// Reads the job that is the root of the scope's tree. After a fault the answer is incomplete.
Job read_job(const Scope& scope, const JobContext& context);

}  // namespace jobs::detail
