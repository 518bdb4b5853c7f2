#pragma once

#include <cstddef>
#include <string>

#include "jobs/output/record.hpp"

namespace primed {

/// The counts of a run as one line for people:
/// `6 accepted: 3 succeeded, 0 failed, 1 timed out, 2 not ended, 1 under way; 0 lines rejected`.
/// Of the states only those that occur are named, and succeeded and failed always.
std::string to_text(const jobs::Counts& counts, std::size_t under_way);

}  // namespace primed
