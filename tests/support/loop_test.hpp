#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "aio/aio.hpp"

namespace support {

using namespace std::chrono_literals;

/// What a loop's exception handler was told, in order. It must live longer than the loop.
class ReportLog {
 public:
  void listen_to(aio::EventLoop& loop) {
    loop.set_exception_handler([this](aio::EventLoop&, const aio::ExceptionContext& context) {
      reports.push_back(context);
    });
  }

  std::vector<aio::ExceptionContext> reports;
};

/// What was thrown, in words.
inline std::string text_of(const std::exception_ptr& exception) {
  if (!exception) return "nothing";
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (const aio::CancelledError& error) {
    return "cancelled: " + error.message();
  } catch (...) {
    return "unknown";
  }
}

/// A pipe whose ends do not block, closed at the end of the scope.
class Pipe {
 public:
  Pipe() { REQUIRE(::pipe2(ends_.data(), O_NONBLOCK | O_CLOEXEC) == 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_reader();
    close_writer();
  }

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }

  void write(const std::string& text) const {
    REQUIRE(::write(writer(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  /// What is there to be read now.
  std::string read() const {
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(reader(), buffer.data(), buffer.size());
    return {buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }
  /// Writes until nothing more fits.
  void fill() const {
    const std::array<char, 4096> buffer{};
    while (::write(writer(), buffer.data(), buffer.size()) > 0) {
    }
  }
  void close_reader() { close_end(ends_[0]); }
  void close_writer() { close_end(ends_[1]); }

 private:
  static void close_end(int& end) {
    if (end >= 0) ::close(std::exchange(end, -1));
  }
  std::array<int, 2> ends_{-1, -1};
};

/// Catches what is printed on standard error in its scope.
class CapturedStderr {
 public:
  CapturedStderr() : saved_(::dup(STDERR_FILENO)) { ::dup2(pipe_.writer(), STDERR_FILENO); }
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;
  ~CapturedStderr() {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
  }
  std::string text() const { return pipe_.read(); }

 private:
  Pipe pipe_;
  int saved_;
};

/// Counts how many of its copies are alive.
class Counted {
 public:
  explicit Counted(int& alive) : alive_(&alive) { ++*alive_; }
  Counted(const Counted& other) : alive_(other.alive_) { ++*alive_; }
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*alive_; }

 private:
  int* alive_;
};

/// Runs `loop` for `turns` turns, or fewer if something stops it.
inline void run_turns(aio::EventLoop& loop, int turns) {
  for (int i = 0; i < turns; ++i) {
    loop.stop();
    loop.run_forever();
  }
}

}  // namespace support
