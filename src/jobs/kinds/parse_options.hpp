#pragma once

#include <cstddef>
#include <filesystem>

#include "jobs/json/limits.hpp"

namespace jobs {

/// Circumstances of a reading, beside the text itself.
struct ParseOptions {
  std::filesystem::path folder;                ///< `numbers_from` is relative to it
  std::size_t max_digits = quoted_digits_max;  ///< unless the list's own settings say otherwise
  bool max_digits_fixed = false;  ///< they may not: a flag or the environment has set it
};

}  // namespace jobs
