#include "primed/service.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <memory>
#include <utility>

#include "jobs/available_cpus.hpp"
#include "jobs/list/parse.hpp"
#include "jobs/output/run_record.hpp"
#include "primed/counts_text.hpp"
#include "primed/inspection.hpp"
#include "primed/progress.hpp"
#include "primed/signals.hpp"

namespace primed {

namespace {

constexpr aio::Duration default_grace = std::chrono::seconds(8);

}  // namespace

Service::Service(aio::EventLoop& loop, Messages& messages, const Options& options)
    : loop_(loop), messages_(messages), options_(options), settings_(options.settings) {}

// --- The course of things

aio::Coro<ExitCode> Service::main() {
  if (stopping_.is_requested()) co_return exit_code();  // a signal was faster than the first step
  input_.emplace(options_);
  reading_ = aio::current_task();
  const bool one_job_a_line = co_await input_->is_one_job_a_line();
  std::optional<jobs::JobList> list;
  if (one_job_a_line) {
    lines_.emplace(input_->fd(), input_->take_already_read());
    list.emplace();
  } else {
    list = co_await read_document();
  }
  reading_ = {};
  if (!list) co_return ExitCode::bad_configuration;
  settings_ = or_else(settings_, list->settings);
  aio::ThreadPoolExecutor pool = make_pool();
  open_output();
  run_.emplace(loop_, *output_, std::move(pool), run_options());
  co_await work(*std::move(list));
  co_return exit_code();
}

/// The list, or nothing if there are faults in it: they are told.
aio::Coro<std::optional<jobs::JobList>> Service::read_document() {
  const std::string text = co_await input_->read_all();
  jobs::ParsedList parsed = jobs::parse_list(text, input_->parse_options());
  print_faults(messages_, parsed.errors, text, input_->name());
  if (!parsed.errors.empty()) co_return std::nullopt;
  // A signal that came meanwhile is obeyed now. A deadline that has passed comes after the signals
  // in a turn of the loop; a mere yield would not.
  co_await aio::sleep(std::chrono::nanoseconds(1));
  co_return std::move(parsed.list);
}

aio::ThreadPoolExecutor Service::make_pool() const {
  const unsigned workers = settings_.workers.value_or(jobs::available_cpus());
  // libuv starts all of its threads when the first is needed: more than are reserved would only
  // cost their start and end, a millisecond or two.
  try {
    return aio::ThreadPoolExecutor(aio::reserve_pool_threads(workers));
  } catch (const aio::RuntimeError&) {  // nobody else uses the pool: only its size can be too small
    const char* const size = std::getenv("UV_THREADPOOL_SIZE");
    throw Exit(ExitCode::bad_configuration,
               "UV_THREADPOOL_SIZE: \"" + std::string(size ? size : "").substr(0, 80) +
                   "\" is too small for " + std::to_string(workers) + " workers; expected " +
                   std::to_string(workers + 1) + " or more, or nothing");
  }
}

void Service::open_output() {
  if (settings_.results) {
    const auto opening =
        is_service() ? ResultsFile::Opening::append : ResultsFile::Opening::truncate;
    const auto complain = [this](const std::string& text) { messages_.say(text); };
    results_.emplace(*settings_.results, opening, complain);
  }
  output_.emplace(loop_, results_ ? results_->fd() : STDOUT_FILENO);
  output_->on_failure([this] {
    messages_.say("cannot write results: " + output_->error().message());
    if (run_) run_->stop_now();
    end_requested_.wake_all();
  });
}

jobs::RunOptions Service::run_options() const {
  jobs::RunOptions options;
  options.executor = settings_.executor;
  options.max_open_jobs = settings_.max_open_jobs.value_or(options.max_open_jobs);
  return options;
}

aio::Coro<void> Service::work(jobs::JobList list) {
  const aio::TimePoint start = aio::Clock::now();
  write_record(jobs::make_run_record());
  const std::optional<aio::Task<void>> progress = start_progress(list);
  std::exception_ptr failure;
  try {
    co_await work_list(std::move(list));
  } catch (const aio::CancelledError&) {
    throw;  // the loop is being closed, and does not wait for the reader of the records
  } catch (...) {
    failure = std::current_exception();
  }
  if (progress) progress->cancel();
  messages_.clear_status();
  failed_ = failure != nullptr;
  if (failed_) {
    run_->stop_now();
  } else {
    write_record(jobs::SummaryRecord{run_->counts(), aio::Clock::now() - start});
    is_summed_up_ = true;
  }
  co_await output_->flush();
  if (failure) std::rethrow_exception(failure);
}

aio::Coro<void> Service::work_list(jobs::JobList list) {
  if (lines_) {
    source_ = std::make_unique<jobs::LineSource>(*lines_, input_->parse_options());
  } else {
    source_ = std::make_unique<jobs::ListSource>(std::move(list.jobs));
  }
  try {
    co_await run_->work(*source_);
  } catch (const jobs::SourceError& error) {
    messages_.say(input_->name() + ": " + error.code().message());
    read_failed_ = true;
  }
  if (!is_service() || read_failed_) co_return;
  co_await end_requested_.until([this] { return stopping_.is_requested() || output_->error(); });
}

std::optional<aio::Task<void>> Service::start_progress(const jobs::JobList& list) {
  if (is_service() || !can_show_progress()) return std::nullopt;
  if (!results_ && isatty(STDOUT_FILENO) != 0) {
    output_->before_write([this] { messages_.clear_status(); });
  }
  std::optional<std::uint64_t> all;
  if (!lines_) all = list.jobs.size();
  return loop_.create_task(show_progress(messages_, *run_, all), "progress");
}

// --- The end

ExitCode Service::exit_code() const {
  if (output_ && (output_->error() || !output_->is_flushed())) return ExitCode::output_failed;
  if (failed_) return ExitCode::internal;
  if (read_failed_) return ExitCode::no_input;
  if (is_service()) return ExitCode::success;
  const bool is_stopped = stopping_.is_requested();
  if (is_stopped && (!run_ || run_->left_work())) return ExitCode::work_left;
  const jobs::Counts counts = run_ ? run_->counts() : jobs::Counts();
  const bool all_well = counts.succeeded == counts.accepted && counts.rejected == 0;
  return all_well ? ExitCode::success : ExitCode::jobs_failed;
}

void Service::abandon() {
  if (run_) run_->abandon();
}

ExitCode Service::close_results(ExitCode code) {
  run_.reset();
  output_.reset();
  return results_ && results_->close() ? ExitCode::output_failed : code;
}

// --- Signals

void Service::on_signal(int signal) {
  switch (signal) {
    case SIGUSR1: return reopen_results();
    case SIGUSR2: return print_state();
    case SIGHUP: return is_service() ? reload() : request_stop(signal);
    default: return request_stop(signal);
  }
}

void Service::request_stop(int signal) {
  // The reader has the last record, and the program is about to end: nothing is left to be stopped.
  if (is_summed_up_ && output_->is_flushed()) return;
  messages_.clear_status();
  const bool is_first = !stopping_.is_requested();
  if (is_first && isatty(STDERR_FILENO) != 0) messages_.say("stopping; again to stop at once");
  const aio::Duration grace = settings_.grace.value_or(default_grace);
  const Stopping::Order order = stopping_.on_request(loop_.time(), grace);
  if (order == Stopping::Order::die) die_of(signal);
  carry_out(order);
}

void Service::carry_out(Stopping::Order order) {
  switch (order) {
    case Stopping::Order::finish: finish_by(*stopping_.deadline()); break;
    case Stopping::Order::interrupt:
      if (run_) run_->stop_now();
      break;
    case Stopping::Order::leave: leave();
    case Stopping::Order::none:
    case Stopping::Order::die: return;
  }
  // A timer for a deadline that no longer holds finds that it has nothing to do.
  loop_.call_at(*stopping_.deadline(), [this] { carry_out(stopping_.on_time(loop_.time())); });
}

void Service::finish_by(aio::TimePoint deadline) {
  if (reading_) reading_.cancel("the program was told to stop");
  if (run_) run_->stop(deadline);
  end_requested_.wake_all();
}

// The pool or the reader of the results does not let go. Returning from main would wait for it.
void Service::leave() {
  const ExitCode code = exit_code();
  if (code == ExitCode::output_failed) messages_.say("stopped before all results were written");
  messages_.flush(aio::Duration::zero());
  std::_Exit(static_cast<int>(code));
}

void Service::reload() {
  messages_.say("SIGHUP: reload is not supported yet; going on with the list as it is");
}

void Service::reopen_results() {
  if (!results_) return messages_.say("SIGUSR1: there is no results file to reopen");
  results_->request_reopening(loop_, *output_);
}

void Service::print_state() {
  messages_.say(run_ ? to_text(run_->counts(), run_->open_jobs()) : "no job has been taken in yet");
  messages_.print(describe_tasks(loop_));
}

}  // namespace primed
