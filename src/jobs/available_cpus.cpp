#include "jobs/available_cpus.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#ifdef __linux__
#include <sched.h>

#include <cerrno>
#include <memory>
#endif

namespace jobs {
namespace {

using detail::QuotaFolder;

/// Takes what stands before the next `separator` off the front of `text`, the separator with it.
std::string_view take(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto field = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return field;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> fields;
  while (!text.empty()) fields.push_back(take(text, separator));
  return fields;
}

bool contains(std::string_view list, std::string_view word) {
  const auto words = split(list, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// A number that is not negative; a newline may follow.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  text = take(text, '\n');
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> whole_cpus(std::optional<std::uint64_t> quota,
                                        std::optional<std::uint64_t> period) {
  if (!quota || !period || *period == 0) return std::nullopt;
  return *quota / *period + (*quota % *period != 0 ? 1 : 0);
}

/// Undoes the `\040` that mountinfo writes for white space and backslashes in a path.
std::string unescape(std::string_view text) {
  std::string path;
  while (!text.empty()) {
    unsigned code = 0;
    if (text[0] == '\\' && text.size() >= 4 &&
        std::from_chars(text.data() + 1, text.data() + 4, code, 8).ptr == text.data() + 4) {
      path += static_cast<char>(code);
      text.remove_prefix(4);
    } else {
      path += text[0];
      text.remove_prefix(1);
    }
  }
  return path;
}

/// A mounted hierarchy: `root` is the group whose folder `point` is.
struct Mount {
  QuotaFolder::Layout layout;
  std::filesystem::path root;
  std::filesystem::path point;
};

/// One line of mountinfo: `36 35 98:0 /root /point options [tags …] - type source super-options`.
std::optional<Mount> parse_mount(std::string_view line) {
  const auto fields = split(line, ' ');
  const auto dash = std::find(fields.begin(), fields.end(), "-");
  if (dash - fields.begin() < 6 || fields.end() - dash < 4) return std::nullopt;
  const bool v2 = dash[1] == "cgroup2";
  if (!v2 && (dash[1] != "cgroup" || !contains(dash[3], "cpu"))) return std::nullopt;
  return Mount{v2 ? QuotaFolder::Layout::v2 : QuotaFolder::Layout::v1, unescape(fields[3]),
               unescape(fields[4])};
}

/// The folder of `group` and of every group above it that the mount shows. A group outside of it
/// (the process was moved into a container's namespace) leaves the mount's own folder to look at.
void add_folders(std::vector<QuotaFolder>& found, const Mount& mount,
                 const std::filesystem::path& group) {
  auto below = group.lexically_relative(mount.root);
  if (below.empty() || *below.begin() == ".." || *below.begin() == ".") below.clear();
  for (; !below.empty(); below = below.parent_path()) {
    found.push_back({mount.layout, mount.point / below});
  }
  found.push_back({mount.layout, mount.point});
}

std::string read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::size_t affinity_cpus() {
#ifdef __linux__
  constexpr std::size_t most = 1 << 20;  // the kernel itself stops at 8192
  for (std::size_t cpus = CPU_SETSIZE; cpus <= most; cpus *= 2) {
    const auto release = [](cpu_set_t* set) { CPU_FREE(set); };
    const std::unique_ptr<cpu_set_t, decltype(release)> set(CPU_ALLOC(cpus), release);
    const auto bytes = CPU_ALLOC_SIZE(cpus);
    if (set && sched_getaffinity(0, bytes, set.get()) == 0) {
      return static_cast<std::size_t>(CPU_COUNT_S(bytes, set.get()));
    }
    if (!set || errno != EINVAL) break;  // EINVAL: the kernel's set is larger
  }
#endif
  return std::thread::hardware_concurrency();
}

}  // namespace

namespace detail {

std::optional<std::uint64_t> parse_cpu_max(std::string_view text) {
  const auto quota = take(text, ' ');
  return whole_cpus(parse_number(quota), parse_number(text));
}

std::optional<std::uint64_t> parse_cfs_quota(std::string_view quota, std::string_view period) {
  return whole_cpus(parse_number(quota), parse_number(period));
}

std::vector<QuotaFolder> quota_folders(std::string_view cgroup, std::string_view mountinfo) {
  std::vector<Mount> mounts;
  for (const auto line : split(mountinfo, '\n')) {
    if (auto mount = parse_mount(line)) mounts.push_back(*std::move(mount));
  }
  std::vector<QuotaFolder> found;
  for (auto line : split(cgroup, '\n')) {  // `0::/group` or `4:cpu,cpuacct:/group`
    const auto hierarchy = take(line, ':');
    const auto controllers = take(line, ':');
    const bool v2 = hierarchy == "0" && controllers.empty();
    if (!v2 && !contains(controllers, "cpu")) continue;
    const auto layout = v2 ? QuotaFolder::Layout::v2 : QuotaFolder::Layout::v1;
    for (const auto& mount : mounts) {
      if (mount.layout == layout) add_folders(found, mount, line);
    }
  }
  return found;
}

std::optional<std::uint64_t> cgroup_cpus(const std::filesystem::path& root) {
  const auto self = root / "proc/self";
  std::optional<std::uint64_t> least;
  for (const auto& [layout, path] :
       quota_folders(read(self / "cgroup"), read(self / "mountinfo"))) {
    const auto folder = root / path.relative_path();
    const auto cpus = layout == QuotaFolder::Layout::v2
                          ? parse_cpu_max(read(folder / "cpu.max"))
                          : parse_cfs_quota(read(folder / "cpu.cfs_quota_us"),
                                            read(folder / "cpu.cfs_period_us"));
    if (cpus) least = std::min(least.value_or(*cpus), *cpus);
  }
  return least;
}

unsigned usable_cpus(std::size_t affinity, std::optional<std::uint64_t> quota) {
  const auto cpus = std::min<std::uint64_t>(affinity, quota.value_or(affinity));
  return static_cast<unsigned>(std::clamp<std::uint64_t>(cpus, 1, workers_max));
}

}  // namespace detail

unsigned available_cpus() { return detail::usable_cpus(affinity_cpus(), detail::cgroup_cpus("/")); }

}  // namespace jobs
