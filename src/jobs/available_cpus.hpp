#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace jobs {

/// Pool workers that a list may ask for.
inline constexpr unsigned workers_max = 64;

/// The CPUs that this process may use: those of its affinity, or fewer if the quota of its control
/// group, or of one above it, says so; a part of a CPU counts as a whole one. From 1 to
/// `workers_max`.
unsigned available_cpus();

namespace detail {

/// A control group's folder that may hold a quota, and in which of the two layouts.
struct QuotaFolder {
  enum class Layout { v1, v2 };
  Layout layout;
  std::filesystem::path folder;

  friend bool operator==(const QuotaFolder&, const QuotaFolder&) = default;
};

/// Whole CPUs, rounded up, of a `cpu.max`: `max 100000` or `150000 100000`. Empty if it sets no
/// bound.
std::optional<std::uint64_t> parse_cpu_max(std::string_view text);

/// The same of `cpu.cfs_quota_us`, where -1 sets no bound, and `cpu.cfs_period_us`.
std::optional<std::uint64_t> parse_cfs_quota(std::string_view quota, std::string_view period);

/// The folders of this process's control group and of all above it, as far as they are mounted.
/// `cgroup` and `mountinfo` are the texts of those files in /proc/self.
std::vector<QuotaFolder> quota_folders(std::string_view cgroup, std::string_view mountinfo);

/// The least quota in force, for the system whose root folder is `root`.
std::optional<std::uint64_t> cgroup_cpus(const std::filesystem::path& root);

/// What `available_cpus` makes of its two findings.
unsigned usable_cpus(std::size_t affinity, std::optional<std::uint64_t> quota);

}  // namespace detail
}  // namespace jobs
