#include "primed/counts_text.hpp"

#include <cstdint>

namespace primed {

namespace {

struct Named {
  std::uint64_t jobs::Counts::*count;
  const char* name;
  bool always;
};

constexpr Named states[] = {
    {&jobs::Counts::succeeded, "succeeded", true},
    {&jobs::Counts::failed, "failed", true},
    {&jobs::Counts::timed_out, "timed out", false},
    {&jobs::Counts::cancelled, "cancelled", false},
    {&jobs::Counts::interrupted, "interrupted", false},
    {&jobs::Counts::skipped, "skipped", false},
};

}  // namespace

std::string to_text(const jobs::Counts& counts, std::size_t under_way) {
  std::string text = std::to_string(counts.accepted) + " accepted: ";
  for (const Named& state : states) {
    const std::uint64_t count = counts.*state.count;
    if (count > 0 || state.always) text += std::to_string(count) + " " + state.name + ", ";
  }
  text += std::to_string(counts.left) + " not ended, " + std::to_string(under_way) + " under way; ";
  return text + std::to_string(counts.rejected) + " lines rejected";
}

}  // namespace primed
