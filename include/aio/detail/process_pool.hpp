#pragma once

#include <exception>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "aio/detail/executor_state.hpp"
#include "aio/detail/pool_future.hpp"
#include "aio/detail/work_queue.hpp"

namespace aio::detail {

class ProcessPool;
class WorkerProcess;

/// The outcome of a call in a worker: nothing, if it was ended by force; the result as it travels;
/// or the exception.
using ProcessReply = std::variant<std::monostate, std::string, std::exception_ptr>;

/// One call on its way to a worker process and back.
class ProcessWork : public PoolWork {
 public:
  ProcessWork(LoopState& loop, std::string name, std::string request)
      : PoolWork(loop),
        name_(std::move(name)),
        request_(std::make_shared<const std::string>(std::move(request))) {}

  void cancel() noexcept override;

  /// The name of the function.
  const std::string& name() const { return name_; }
  /// The whole call, as it travels.
  const std::shared_ptr<const std::string>& request() const { return request_; }

  ProcessWork* next_in_queue = nullptr;

 protected:
  const ProcessReply& reply() const { return reply_; }
  void drop_request() noexcept { request_ = nullptr; }

 private:
  friend class ProcessPool;
  enum class Stage : unsigned char { queued, running, ended, withdrawn };

  const std::string name_;
  std::shared_ptr<const std::string> request_;  // the worker's too, while it is written
  ProcessPool* pool_ = nullptr;                 // lives for as long as it has calls
  WorkerProcess* worker_ = nullptr;             // the worker that has it, if any
  ProcessReply reply_;
  TimePoint queued_at_{};
  int priority_ = 0;
  int attempts_ = 0;
  Stage stage_ = Stage::queued;
  bool killed_ = false;
};

/// The state that an executor's handles share: the calls that wait for a worker, and the workers. A
/// loop uses it for as long as it has calls or workers. All of it is for that loop's thread.
class ProcessPool final : public ExecutorState {
 public:
  explicit ProcessPool(unsigned max_workers);
  ~ProcessPool() override;

  void submit(Ref<ProcessWork> work, int priority);
  /// Accepts no more work, and has the workers end once there is none.
  void shut_down();
  unsigned max_workers() const { return max_workers_; }
  PoolStatistics statistics() const;

  // --- For the loop.

  Claim claim() const override;
  void cancel_all() noexcept override;
  /// Has the workers end that have nothing to do; `by_force` kills all.
  bool end(bool by_force) noexcept override;

  // --- For the work and the workers.

  /// `work` has not ended: it is withdrawn, or its worker killed.
  void cancel(ProcessWork& work) noexcept;
  void on_reply(Ref<ProcessWork> work, ProcessReply reply);
  /// The worker's process has ended, in the way that `how` describes, and with it `work`, or null.
  /// A call that had not begun may be tried again.
  void on_worker_end(WorkerProcess& worker, Ref<ProcessWork> work, bool was_called,
                     const std::string& how);

 private:
  /// After `shut_down` not before the last worker has ended.
  bool is_at_rest() const override { return is_idle() && !is_ending(); }
  bool is_ending() const { return shut_down_ && !workers_.empty(); }
  bool is_idle() const;
  void end_workers() noexcept;
  bool can_start() const;
  void start(Ref<ProcessWork> work);
  void start_waiting();
  WorkerProcess* find_idle_worker() const;
  WorkerProcess& add_worker(LoopState& loop);
  void queue(Ref<ProcessWork> work);
  void end_work(Ref<ProcessWork> work, ProcessReply reply);
  void settle();

  const unsigned max_workers_;
  bool shut_down_ = false;
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
  WorkQueue<ProcessWork> waiting_;
  PoolStatistics statistics_;
};

}  // namespace aio::detail
