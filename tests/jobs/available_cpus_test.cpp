#include "jobs/available_cpus.hpp"

#include <doctest/doctest.h>
#include <sched.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace {

namespace fs = std::filesystem;
using jobs::detail::parse_cfs_quota;
using jobs::detail::parse_cpu_max;
using jobs::detail::quota_folders;
using jobs::detail::QuotaFolder;
using jobs::detail::usable_cpus;

constexpr auto v1 = QuotaFolder::Layout::v1;
constexpr auto v2 = QuotaFolder::Layout::v2;

constexpr std::string_view v2_mount =
    "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr std::string_view v1_mounts =
    "24 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "36 32 0:31 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "37 32 0:32 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n";

/// A folder that stands for the root of a system; gone at the end.
class FakeSystem {
 public:
  FakeSystem() {
    std::string name = (fs::temp_directory_path() / "primed-workers-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    root_ = name;
  }
  FakeSystem(const FakeSystem&) = delete;
  FakeSystem& operator=(const FakeSystem&) = delete;
  ~FakeSystem() { fs::remove_all(root_); }

  void write(const std::string& file, std::string_view text) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  const fs::path& root() const { return root_; }

 private:
  fs::path root_;
};

}  // namespace

TEST_SUITE_BEGIN("workers");

TEST_CASE("cpu.max is rounded up to whole CPUs") {
  CHECK(parse_cpu_max("100000 100000\n") == 1);
  CHECK(parse_cpu_max("150000 100000\n") == 2);
  CHECK(parse_cpu_max("1000 100000\n") == 1);
  CHECK(parse_cpu_max("6400000 100000") == 64);
}

TEST_CASE("a cpu.max without a bound, or that cannot be read, sets none") {
  for (const auto* text : {"max 100000\n", "", "\n", "100000", "100000 0\n", "-1 100000\n",
                           "x 100000\n", "1.5 100000\n", "99999999999999999999 100000\n"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_cpu_max(text).has_value());
  }
}

TEST_CASE("the older layout has quota and period in two files, and -1 for no bound") {
  CHECK(parse_cfs_quota("250000\n", "100000\n") == 3);
  CHECK_FALSE(parse_cfs_quota("-1\n", "100000\n").has_value());
  CHECK_FALSE(parse_cfs_quota("250000\n", "").has_value());
}

TEST_CASE("the group and every group above it are looked at") {
  const auto folders = quota_folders("0::/system.slice/primed.service\n", v2_mount);
  CHECK(folders == std::vector<QuotaFolder>{{v2, "/sys/fs/cgroup/system.slice/primed.service"},
                                            {v2, "/sys/fs/cgroup/system.slice"},
                                            {v2, "/sys/fs/cgroup"}});
}

TEST_CASE("in the older layout only the hierarchy of cpu counts") {
  const auto folders = quota_folders(
      "5:cpuset:/other\n4:cpu,cpuacct:/user.slice\n1:name=systemd:/x\n0::/unified\n", v1_mounts);
  CHECK(folders == std::vector<QuotaFolder>{{v1, "/sys/fs/cgroup/cpu,cpuacct/user.slice"},
                                            {v1, "/sys/fs/cgroup/cpu,cpuacct"}});
}

TEST_CASE("a mount that shows only a container's group is that group's folder") {
  constexpr std::string_view mount =
      "36 32 0:31 /docker/abc /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n";
  CHECK(quota_folders("4:cpu,cpuacct:/docker/abc\n", mount) ==
        std::vector<QuotaFolder>{{v1, "/sys/fs/cgroup/cpu"}});
  CHECK(quota_folders("4:cpu,cpuacct:/docker/abc/inner\n", mount) ==
        std::vector<QuotaFolder>{{v1, "/sys/fs/cgroup/cpu/inner"}, {v1, "/sys/fs/cgroup/cpu"}});
  CHECK(quota_folders("4:cpu,cpuacct:/elsewhere\n", mount) ==
        std::vector<QuotaFolder>{{v1, "/sys/fs/cgroup/cpu"}});
}

TEST_CASE("a group outside of the namespace leaves the mount's own folder") {
  CHECK(quota_folders("0::/../../outside\n", v2_mount) ==
        std::vector<QuotaFolder>{{v2, "/sys/fs/cgroup"}});
}

TEST_CASE("spaces in a mount point are read back from their escapes") {
  constexpr std::string_view mount = R"(35 24 0:30 / /mnt/my\040cg\134roup rw - cgroup2 none rw)";
  CHECK(quota_folders("0::/\n", mount) == std::vector<QuotaFolder>{{v2, R"(/mnt/my cg\roup)"}});
}

TEST_CASE("what is not as expected in the two files is passed over") {
  CHECK(quota_folders("", "").empty());
  CHECK(quota_folders("0::/\n", "not a mount\n35 24 0:30 / /x rw - cgroup2\n- - - -\n").empty());
  CHECK(quota_folders("nonsense\n::\n", v2_mount).empty());
}

TEST_CASE("the tightest quota on the way up wins") {
  const FakeSystem system;
  system.write("proc/self/cgroup", "0::/a/b\n");
  system.write("proc/self/mountinfo", v2_mount);
  system.write("sys/fs/cgroup/a/b/cpu.max", "800000 100000\n");
  system.write("sys/fs/cgroup/a/cpu.max", "250000 100000\n");
  CHECK(jobs::detail::cgroup_cpus(system.root()) == 3);
}

TEST_CASE("the older layout's files are read too") {
  const FakeSystem system;
  system.write("proc/self/cgroup", "4:cpu,cpuacct:/a\n");
  system.write("proc/self/mountinfo", v1_mounts);
  system.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "400000\n");
  system.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
  CHECK(jobs::detail::cgroup_cpus(system.root()) == 4);
}

TEST_CASE("a system without control groups sets no bound") {
  const FakeSystem system;
  CHECK_FALSE(jobs::detail::cgroup_cpus(system.root()).has_value());
}

TEST_CASE("the lesser of affinity and quota counts, from 1 to 64") {
  CHECK(usable_cpus(8, std::nullopt) == 8);
  CHECK(usable_cpus(8, 3) == 3);
  CHECK(usable_cpus(2, 3) == 2);
  CHECK(usable_cpus(0, std::nullopt) == 1);
  CHECK(usable_cpus(5, 0) == 1);
  CHECK(usable_cpus(2048, std::nullopt) == 64);
}

TEST_CASE("a process that is held to one CPU may use one") {
  CHECK(jobs::available_cpus() >= 1);
  CHECK(jobs::available_cpus() <= jobs::workers_max);
  unsigned held = 0;
  std::thread([&] {  // affinity is a thread's own: the other tests keep theirs
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(sched_getcpu()), &one);
    if (sched_setaffinity(0, sizeof one, &one) == 0) held = jobs::available_cpus();
  })
      .join();
  CHECK(held == 1);
}

TEST_SUITE_END();
