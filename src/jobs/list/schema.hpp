#pragma once

#include <string_view>

namespace jobs {

/// The JSON Schema (draft-07) of the job list, made from the table of kinds on the first call; the
/// same text as config/jobs.schema.json, which `primed schema` writes anew. Any thread may call.
std::string_view schema();

}  // namespace jobs
