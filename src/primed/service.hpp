#pragma once

#include <memory>
#include <optional>

#include "aio/aio.hpp"
#include "jobs/bulk/line_reader.hpp"
#include "jobs/job.hpp"
#include "jobs/output/output.hpp"
#include "jobs/output/record.hpp"
#include "jobs/run/run.hpp"
#include "jobs/run/source.hpp"
#include "jobs/waiters.hpp"
#include "primed/exit_code.hpp"
#include "primed/list_input.hpp"
#include "primed/messages.hpp"
#include "primed/options.hpp"
#include "primed/results_file.hpp"
#include "primed/stopping.hpp"

namespace primed {

/// One life of `primed run` or `primed serve`: it reads the list, has it worked, writes the first
/// and the last record, and obeys the signals. It lives on the loop's thread. Tasks of
/// the loop use it, so the loop is closed before it goes.
class Service {
 public:
  /// All references have to outlive it.
  Service(aio::EventLoop& loop, Messages& messages, const Options& options);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Works the list, from reading it to the summary; resumes when all records are written. Throws
  /// Exit if it cannot begin, CancelledError if a signal came while the list was being read, and
  /// the exceptions of the run: then the records that were made are written first, and there is no
  /// summary. Call it once.
  aio::Coro<ExitCode> main();

  /// Obeys `signal`, which may end the process.
  void on_signal(int signal);

  /// The exit code that the program would have if it ended now.
  ExitCode exit_code() const;

  /// Whether running work was interrupted: then the program is to end at once.
  bool is_in_haste() const { return stopping_.state() >= Stopping::State::interrupting; }

  bool is_service() const { return options_.command == Command::serve; }

  /// Sees to it that no worker waits for another one, as the loop is about to be closed.
  void abandon();

  /// Closes the results file and returns its part of the exit code. For the time after the loop.
  ExitCode close_results(ExitCode code);

 private:
  aio::Coro<std::optional<jobs::JobList>> read_document();
  /// Throws Exit (bad_configuration) if the environment makes libuv's pool too small.
  aio::ThreadPoolExecutor make_pool() const;
  void open_output();
  jobs::RunOptions run_options() const;
  aio::Coro<void> work(jobs::JobList list);
  aio::Coro<void> work_list(jobs::JobList list);
  std::optional<aio::Task<void>> start_progress(const jobs::JobList& list);

  template <class Record>
  void write_record(const Record& record) {
    std::string line;
    jobs::append(line, record);
    output_->write(line);
  }

  void request_stop(int signal);
  void carry_out(Stopping::Order order);
  void finish_by(aio::TimePoint deadline);
  [[noreturn]] void leave();
  void reload();
  void reopen_results();
  void print_state();

  aio::EventLoop& loop_;
  Messages& messages_;
  const Options& options_;
  jobs::Settings settings_;  // effective, once the list is read
  Stopping stopping_;
  std::optional<ListInput> input_;
  std::optional<jobs::LineReader> lines_;  // of a list with one job a line
  std::unique_ptr<jobs::Source> source_;
  std::optional<ResultsFile> results_;
  std::optional<jobs::Output> output_;
  std::optional<jobs::Run> run_;
  aio::AnyTask reading_;       // while the list is being read
  bool is_summed_up_ = false;  // the summary is made
  bool read_failed_ = false;
  bool failed_ = false;          // by a fault of the program
  jobs::Waiters end_requested_;  // a stop, or an output that failed
};

}  // namespace primed
