#include "jobs/json/nearest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace jobs::detail {
namespace {

constexpr std::size_t length_max = 24;  // longer than every known name and two slips

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Optimal string alignment distance; both words are at most `length_max` long.
std::size_t distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, length_max + 1>;
  Row before_last{};
  Row last{};
  Row current{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = current;
  }
  return last[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> names) {
  if (word.size() > length_max) return {};
  std::string_view best;
  std::size_t best_distance = 3;
  for (const std::string_view name : names) {
    const std::size_t slips = distance(word, name);
    // A short word is two slips away from half the dictionary: "id" is not meant by "to".
    if (slips < best_distance && slips * 2 < std::max(word.size(), name.size())) {
      best = name;
      best_distance = slips;
    }
  }
  return best;
}

}  // namespace jobs::detail
