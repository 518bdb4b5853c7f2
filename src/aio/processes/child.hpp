#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "aio/loop/owned_descriptor.hpp"
#include "aio/streams/transport.hpp"
#include "aio/subprocess.hpp"

namespace aio::detail {

/// A child's three standard streams: the descriptors that libuv gives it, and the parent's ends of
/// the pipes.
class ChildStreams {
 public:
  /// Throws ValueError for options that make no sense.
  explicit ChildStreams(const subprocess::Options& options);

  std::array<uv_stdio_container_t, 3>& containers() { return containers_; }
  /// The parent's end of a pipe; -1 where the stream is none.
  OwnedDescriptor& parent_end(std::size_t number) { return parent_ends_[number]; }

 private:
  void set(std::size_t number, subprocess::Stdio stdio);
  int make_pipe(std::size_t number);

  std::array<uv_stdio_container_t, 3> containers_{};
  std::array<OwnedDescriptor, 3> child_ends_;
  std::array<OwnedDescriptor, 3> parent_ends_;
};

/// A child process. It keeps itself alive until the child has ended and libuv has reaped it.
class ChildProcess final : public std::enable_shared_from_this<ChildProcess>, public Resource {
 public:
  explicit ChildProcess(LoopCore& core) : core_(core) {}

  void start(const std::vector<std::string>& command, const subprocess::Options& options);

  /// Closes the pipes, and kills the child if it still runs.
  void close() noexcept;
  /// To the child; if it leads a process group, to all of that.
  void send_signal(int number);

  pid_t pid() const { return pid_; }
  std::optional<int> returncode() const { return returncode_; }
  Wakeup& exited() { return exited_; }

  const std::optional<StreamWriter>& stdin() const { return stdin_; }
  /// By the number of the stream: 1 or 2.
  const std::optional<StreamReader>& output(std::size_t number) const {
    return outputs_[number - 1];
  }

  void end() noexcept override;

 private:
  void spawn(const std::vector<std::string>& command, const subprocess::Options& options,
             ChildStreams& streams);
  void adopt_pipes(ChildStreams& streams);
  void start_pipes(std::size_t limit);
  int signal(int number) noexcept;
  void on_exit(int status, int signal);
  void leave_resources() noexcept;

  LoopCore& core_;
  std::optional<UvHandle<uv_process_t>> handle_;
  std::shared_ptr<ChildProcess> self_;
  pid_t pid_ = 0;
  bool leads_group_ = false;
  std::optional<int> returncode_;
  Wakeup exited_;
  std::array<std::shared_ptr<Transport>, 3> pipes_;
  std::optional<StreamWriter> stdin_;
  std::array<std::optional<StreamReader>, 2> outputs_;
  bool is_resource_ = false;
};

/// The state that all copies of a Process share. When the last of them goes, a child that still
/// runs is killed.
class ChildOwner {
 public:
  explicit ChildOwner(std::shared_ptr<ChildProcess> process) : state(std::move(process)) {}
  ChildOwner(const ChildOwner&) = delete;
  ChildOwner& operator=(const ChildOwner&) = delete;
  ~ChildOwner() { state->close(); }

  const std::shared_ptr<ChildProcess> state;
};

}  // namespace aio::detail
