#include "primed/results_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "primed/options.hpp"

namespace primed {

namespace {

/// However a reopening ends: one that failed does not keep the next from being made.
class SteadyAtEnd {
 public:
  explicit SteadyAtEnd(ResultsFile::State& state) : state_(state) {}
  SteadyAtEnd(const SteadyAtEnd&) = delete;
  SteadyAtEnd& operator=(const SteadyAtEnd&) = delete;
  ~SteadyAtEnd() { state_ = ResultsFile::State::steady; }

 private:
  ResultsFile::State& state_;
};

}  // namespace

ResultsFile::ResultsFile(std::string path, Opening opening, Complaint complain)
    : path_(std::move(path)),
      complain_(std::move(complain)),
      fd_(open(opening == Opening::truncate ? O_TRUNC : O_APPEND)) {
  if (fd_ >= 0) return;
  const int error = errno;
  throw Exit(ExitCode::cannot_create, path_ + ": " + std::generic_category().message(error));
}

ResultsFile::~ResultsFile() {
  for (const int fd : {fd_, next_fd_}) {
    if (fd >= 0) ::close(fd);
  }
}

int ResultsFile::open(int flags) const {
  // Non-blocking: opening a named pipe would wait for its reader, and signals would not be heard.
  flags |= O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK;
  int fd = -1;
  do {
    fd = ::open(path_.c_str(), flags, 0666);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

void ResultsFile::close(int& fd) {
  if (fd < 0) return;
  // Interrupted or not, the descriptor is free afterwards.
  if (::close(std::exchange(fd, -1)) == 0 || errno == EINTR || close_error_) return;
  close_error_ = std::error_code(errno, std::generic_category());
  complain_(path_ + ": " + close_error_.message() + " when it was closed");
}

std::error_code ResultsFile::close() {
  close(fd_);
  return close_error_;
}

void ResultsFile::request_reopening(aio::EventLoop& loop, jobs::Output& output) {
  if (state_ != State::steady) {
    state_ = State::again;
    return;
  }
  loop.create_task(reopen(output), "reopen results");
  state_ = State::reopening;
}

aio::Coro<void> ResultsFile::reopen(jobs::Output& output) {
  const SteadyAtEnd steady_at_end(state_);
  for (;;) {
    co_await reopen_once(output);
    if (state_ == State::reopening) co_return;
    state_ = State::reopening;
  }
}

aio::Coro<void> ResultsFile::reopen_once(jobs::Output& output) {
  next_fd_ = open(O_APPEND);
  if (next_fd_ < 0) {
    const int error = errno;
    complain_(path_ + ": " + std::generic_category().message(error) +
              "; going on with the file that is open");
    co_return;
  }
  // A loop that closes cancels this: both files then stay open for as long as the output may write.
  co_await output.switch_to(next_fd_);
  if (output.error()) co_return close(next_fd_);  // it has not gone over
  std::swap(fd_, next_fd_);
  close(next_fd_);
}

}  // namespace primed
