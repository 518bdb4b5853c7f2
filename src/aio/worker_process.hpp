#pragma once

#include <uv.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/detail/process_pool.hpp"
#include "uv_handle.hpp"

namespace aio::detail {

/// A worker process as its pool sees it: a copy of the running program at the other end of a
/// socket, which makes one call at a time. It goes when its process has ended, and not before, so
/// that none is left as a zombie.
class WorkerProcess {
 public:
  /// Starts the process. Throws std::system_error if that fails.
  WorkerProcess(ProcessPool& pool, uv_loop_t* uv);
  ~WorkerProcess();

  bool has_work() const { return static_cast<bool>(work_); }
  /// Whether it can be given work.
  bool is_idle() const { return !work_ && !ending_; }

  /// Only when idle.
  void start(Ref<ProcessWork> work);
  void kill() noexcept;
  /// Has it end when it has nothing to do.
  void hang_up() noexcept;

 private:
  struct Write;

  int spawn(uv_loop_t* uv, uv_process_t* process);
  void start_reading();
  void on_read(ssize_t count);
  void on_exit(std::int64_t code, int signal);
  void read_what_is_left();
  void take_messages();
  void take_message(char kind, std::string text);
  void answer(ProcessReply reply);
  std::string describe_end(std::int64_t code, int signal) const;

  ProcessPool& pool_;
  std::vector<char> chunk_;  // where libuv reads to
  std::string received_;     // what is no whole message yet
  Ref<ProcessWork> work_;
  bool ready_ = false;
  bool called_ = false;
  bool ending_ = false;
  int status_ = 0;
  std::optional<UvHandle<uv_pipe_t>> pipe_;
  std::optional<UvHandle<uv_process_t>> process_;
};

}  // namespace aio::detail
