#pragma once

#include "jobs/output/record.hpp"

namespace jobs {

/// The first record of a run that starts now on this machine, with a random 128-bit id.
RunRecord make_run_record();

}  // namespace jobs
