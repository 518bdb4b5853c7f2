#pragma once

#include <cstddef>
#include <optional>

#include "jobs/job.hpp"
#include "jobs/json/name_table.hpp"
#include "jobs/json/scope.hpp"

namespace jobs {

/// The executors by their names, in lists, flags and the environment alike.
inline constexpr NameTable<Executor, 2> executors = {
    .names = {"loop", "thread"},
    .values = {Executor::loop, Executor::thread},
};

namespace detail {

/// Reads the name of an executor at `node`. Another value is a fault, and the answer is empty.
std::optional<Executor> read_executor(const Scope& scope, std::size_t node);

}  // namespace detail
}  // namespace jobs
