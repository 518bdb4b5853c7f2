#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "measure.hpp"

/// The program under test as a whole process, and a folder for its files.
namespace bench {

/// A folder that goes away with its files.
class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "bench-XXXXXX";
    if (!mkdtemp(pattern.data())) throw std::system_error(errno, std::generic_category(), pattern);
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string file(const std::string& name) const { return path_ / name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

/// primed as it was built beside this program.
inline std::string primed_path() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "primed";
}

/// A process from its start to its end.
class Child {
 public:
  /// Starts `command`, its standard input from `input`, its standard output to nowhere.
  Child(std::vector<std::string> command, int input) : start_(now_ns()) {
    std::vector<char*> words;
    for (std::string& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (input != STDIN_FILENO) posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    const int error = posix_spawn(&process_, words[0], &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::system_error(error, std::generic_category(), words[0]);
  }

  /// Waits for its end, which has to be a good one.
  void wait() {
    int status = 0;
    rusage usage{};
    wait4(process_, &status, 0, &usage);
    wall_ns_ = now_ns() - start_;
    peak_bytes_ = std::int64_t{usage.ru_maxrss} * 1024;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      throw std::runtime_error("the program under test has failed");
    }
  }

  std::int64_t wall_ns() const { return wall_ns_; }
  std::int64_t peak_bytes() const { return peak_bytes_; }

 private:
  std::int64_t start_;
  pid_t process_ = -1;
  std::int64_t wall_ns_ = 0;
  std::int64_t peak_bytes_ = 0;
};

}  // namespace bench
