#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "aio/aio.hpp"

// What the workers of these tests are asked to do.

namespace functions {

inline pid_t own_pid() { return getpid(); }

inline int divide(int a, int b) {
  if (b == 0) throw std::domain_error("division by zero");
  return a / b;
}

/// One write, so that those of several processes do not mix.
inline void append(const std::string& path, const std::string& line) {
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const std::string text = line + "\n";
  if (write(file, text.data(), text.size()) < 0) throw std::runtime_error("cannot write");
  close(file);
}

/// Says in a file that it has started, in which process, and then never ends.
inline void hold(const std::string& path) {
  append(path, std::to_string(getpid()));
  for (;;) pause();
}

/// The same, and ends when there is the other file.
inline void hold_until(const std::string& path, const std::string& go) {
  append(path, std::to_string(getpid()));
  while (!std::filesystem::exists(go)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

inline void end_by_signal(int number) {
  std::signal(number, SIG_DFL);
  raise(number);
}

inline void end_by_exit(int code) { std::_Exit(code); }

inline const auto own_pid_there = aio::process_function<&own_pid>("own_pid");
inline const auto divide_there = aio::process_function<&divide>("divide");
inline const auto append_there = aio::process_function<&append>("append");
inline const auto hold_there = aio::process_function<&hold>("hold");
inline const auto hold_until_there = aio::process_function<&hold_until>("hold_until");
inline const auto end_by_signal_there = aio::process_function<&end_by_signal>("end_by_signal");
inline const auto end_by_exit_there = aio::process_function<&end_by_exit>("end_by_exit");

}  // namespace functions

namespace support {

inline std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// The processes that `hold` has told of in `path`, once there are so many.
inline aio::Coro<std::vector<pid_t>> holders(std::string path, std::size_t count) {
  std::vector<std::string> lines;
  while ((lines = lines_of(path)).size() < count) co_await aio::sleep(std::chrono::milliseconds(1));
  std::vector<pid_t> pids;
  for (const std::string& line : lines) pids.push_back(std::stoi(line));
  co_return pids;
}

inline bool exists(pid_t pid) { return kill(pid, 0) == 0; }

}  // namespace support
