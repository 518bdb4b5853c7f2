#pragma once

#include <uv.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/detail/process_pool.hpp"
#include "aio/loop/owned_descriptor.hpp"
#include "aio/loop/uv_handle.hpp"

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
  const Ref<ProcessWork>& work() const { return work_; }
  /// Whether it can be given work.
  bool is_idle() const { return !work_ && !ending_; }

  /// Only when idle.
  void start(Ref<ProcessWork> work);
  void kill() noexcept;
  /// Has it end when it has nothing to do.
  void hang_up() noexcept;

 private:
  /// Gives the worker's end.
  OwnedDescriptor open_sockets(uv_loop_t* uv);
  int spawn(uv_loop_t* uv, uv_process_t* process, int socket);
  enum class Read { some, all, end };

  void watch(int events) noexcept;
  void on_event(int events);
  void write();
  Read read();
  void on_exit(std::int64_t code, int signal);
  void take_messages();
  void take_message(char kind, std::string text);
  void answer(ProcessReply reply);
  std::string describe_end(std::int64_t code, int signal) const;

  ProcessPool& pool_;
  Ref<ProcessWork> work_;
  std::string head_;  // of the message that is on its way to the worker
  std::size_t sent_ = 0;
  std::vector<char> chunk_;
  std::string received_;  // the bytes of a message that is not complete
  bool ready_ = false;
  bool called_ = false;
  bool ending_ = false;
  OwnedDescriptor socket_;                   // this end
  std::optional<UvHandle<uv_poll_t>> poll_;  // goes before the socket
  std::optional<UvHandle<uv_process_t>> process_;
};

}  // namespace aio::detail
