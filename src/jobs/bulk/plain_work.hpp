#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <string>

#include "jobs/bulk/chunk_parser.hpp"

namespace jobs {

/// Checks plain jobs some hundreds at a time, and appends their `result` records, in their order.
/// Each has its even share of the time that it was checked in together with others. Returns how
/// many have ended: fewer than all if a stop was requested. On any thread.
std::size_t work_plain(std::span<const PlainJob> jobs, const std::stop_token& stop,
                       std::string& records);

}  // namespace jobs
