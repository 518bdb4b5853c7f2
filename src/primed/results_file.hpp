#pragma once

#include <functional>
#include <string>
#include <system_error>

#include "aio/aio.hpp"
#include "jobs/output/output.hpp"

namespace primed {

/// The file that the records go to, and its rotation. Only the loop's thread may call.
///
/// A reopening takes a while: the records that came before it go to the old file first. There is
/// never more than one at a time; requests that come during one make one more after it, which finds
/// the file that stands under the name by then.
///
///   state      request    switched        cannot open
///   steady     reopening  -               -
///   reopening  again      steady          steady, with the file that is open
///   again      again      reopening       reopening, after the message
class ResultsFile {
 public:
  enum class Opening { truncate, append };
  enum class State { steady, reopening, again };
  /// Is called with each error, as a text that begins with the file's name.
  using Complaint = std::function<void(const std::string& text)>;

  /// Opens the file. Throws Exit (cannot_create).
  ResultsFile(std::string path, Opening opening, Complaint complain);
  ResultsFile(const ResultsFile&) = delete;
  ResultsFile& operator=(const ResultsFile&) = delete;
  /// Closes it, and so comes after the end of an Output that writes to it.
  ~ResultsFile();

  /// The descriptor for the Output to begin with.
  int fd() const { return fd_; }

  /// Has `output` go on with a file that is opened anew, in a task of `loop` that both outlive. If
  /// the file cannot be opened, it goes on with the one that is open, and that is told.
  void request_reopening(aio::EventLoop& loop, jobs::Output& output);
  State state() const { return state_; }

  /// The first error of closing a file that had been written; some disks tell only then that they
  /// are full. To be asked once the output is flushed: it closes the file.
  std::error_code close();

 private:
  aio::Coro<void> reopen(jobs::Output& output);
  aio::Coro<void> reopen_once(jobs::Output& output);
  int open(int flags) const;
  void close(int& fd);

  std::string path_;
  Complaint complain_;
  int fd_;            // the output writes to it
  int next_fd_ = -1;  // the output will write to it next
  State state_ = State::steady;
  std::error_code close_error_;
};

}  // namespace primed
