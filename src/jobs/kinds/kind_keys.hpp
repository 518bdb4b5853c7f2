#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace jobs::detail {

/// The kinds that a job can be of.
inline constexpr std::array<std::string_view, 2> kind_names = {"countdown", "prime"};
inline constexpr std::size_t countdown_kind = 0;
inline constexpr std::size_t prime_kind = 1;

/// Every kind's keys begin with these three.
enum CommonKey : std::size_t { id_key, kind_key, executor_key, common_keys_end };

}  // namespace jobs::detail
