#pragma once

#include <optional>

#include "aio/aio.hpp"
#include "jobs/job.hpp"
#include "jobs/output/output.hpp"
#include "jobs/output/record.hpp"
#include "jobs/run/run.hpp"
#include "jobs/waiters.hpp"
#include "primed/exit_code.hpp"
#include "primed/options.hpp"
#include "primed/progress.hpp"

namespace primed {

class ListInput;

/// One life of `primed run` or `primed serve`: it reads the list, works it, writes the records, and
/// obeys the signals.
class Service {
 public:
  /// Installs the signal handlers. `options` must outlive it; it closes the loop when it goes.
  Service(aio::EventLoop& loop, const Options& options);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service();

  /// From the list to the summary. Throws Exit for what keeps it from beginning, CancelledError if
  /// a signal came while the list was being read.
  aio::Coro<ExitCode> main();

  /// How the program is to exit, as things stand.
  ExitCode exit_code() const;

  bool is_service() const { return options_.command == Command::serve; }

 private:
  /// Throws Exit (bad_configuration) if the environment makes libuv's pool too small.
  aio::ThreadPoolExecutor make_pool() const;
  void open_output();
  int open_results(int flags) const;
  aio::Coro<void> work(ListInput& input, bool one_job_a_line, jobs::JobList list);
  jobs::RunOptions run_options() const;
  aio::Task<void> show_progress(bool one_job_a_line, const jobs::JobList& list);
  void clear_progress();

  template <class Record>
  void write_record(const Record& record) {
    std::string line;
    jobs::append(line, record);
    output_->write(line);
  }

  void on_stop_signal(int signal);
  void begin_stop();
  void end_grace();
  [[noreturn]] void leave();
  void on_hangup();
  void on_reopen();
  aio::Coro<void> reopen_results();
  void print_state();
  void print_counts() const;

  aio::EventLoop& loop_;
  const Options& options_;
  jobs::Settings settings_;  // effective, once the list is read
  int results_fd_ = -1;
  std::optional<jobs::Output> output_;
  std::optional<jobs::Run> run_;
  std::optional<Progress> progress_;
  aio::AnyTask reading_;  // while the list is being read
  bool read_failed_ = false;
  int stops_ = 0;
  jobs::Waiters end_requested_;  // a stop, or an output that failed
};

}  // namespace primed
