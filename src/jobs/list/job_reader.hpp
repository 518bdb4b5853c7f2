#pragma once

#include <cstddef>
#include <string_view>

#include "jobs/job.hpp"
#include "jobs/json/scope.hpp"
#include "jobs/kinds/defaults.hpp"
#include "jobs/list/parse.hpp"

namespace jobs::detail {

/// A list's explicit ids, if anybody watches over them.
class IdWatch {
 public:
  /// The job under way has `id`, written at `node`.
  virtual void claim(const Scope& scope, std::size_t node, std::string_view id) = 0;

 protected:
  ~IdWatch() = default;
};

/// What a job's meaning depends on beside its own text.
struct JobContext {
  const ParseOptions& options;
  const Defaults& defaults;
  std::size_t position;    ///< 1-based; a job without an id is called after it
  IdWatch* ids = nullptr;  ///< may be null
};

/// Reads the job that is the root of the scope's tree. After a fault the answer is incomplete.
Job read_job(const Scope& scope, const JobContext& context);

}  // namespace jobs::detail
