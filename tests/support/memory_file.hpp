#pragma once

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace support {

/// A regular file in memory, without a name, positioned at its start.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content = {}) : fd_(memfd_create("test", MFD_CLOEXEC)) {
    REQUIRE(fd_ >= 0);
    const auto size = static_cast<ssize_t>(content.size());
    REQUIRE(pwrite(fd_, content.data(), content.size(), 0) == size);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(fd_); }

  int fd() const { return fd_; }

  /// All that it holds, wherever it is positioned.
  std::string text() const {
    std::string text(static_cast<std::size_t>(size()), '\0');
    REQUIRE(pread(fd_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    return text;
  }

 private:
  off_t size() const {
    const off_t position = lseek(fd_, 0, SEEK_CUR);
    const off_t size = lseek(fd_, 0, SEEK_END);
    lseek(fd_, position, SEEK_SET);
    return size;
  }

  int fd_;
};

}  // namespace support
