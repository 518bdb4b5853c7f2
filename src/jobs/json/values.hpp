#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "jobs/job.hpp"
#include "jobs/json/scope.hpp"

namespace jobs::detail {

// Each reads the value at `node`. If it is not what the name says, that is a fault and the answer
// is empty.

/// A bare integer from `least` to `most`.
std::optional<std::uint64_t> read_count(const Scope& scope, std::size_t node, std::uint64_t least,
                                        std::uint64_t most);

/// A number of seconds, or numbers with units.
std::optional<Duration> read_duration(const Scope& scope, std::size_t node);

/// The name of a file.
std::optional<std::string> read_path(const Scope& scope, std::size_t node);

std::optional<Executor> read_executor(const Scope& scope, std::size_t node);
std::optional<primes::Algorithm> read_method(const Scope& scope, std::size_t node);

}  // namespace jobs::detail
