#include "primed/service.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "jobs/available_cpus.hpp"
#include "jobs/output/run_record.hpp"
#include "jobs/run/source.hpp"
#include "primed/commands.hpp"
#include "primed/inspection.hpp"
#include "primed/list_input.hpp"

namespace primed {

namespace {

constexpr aio::Duration default_grace = std::chrono::seconds(8);

/// What the pool and the output get to let go once nothing is waited for any more; then the program
/// ends without them.
constexpr aio::Duration release_time = std::chrono::milliseconds(150);

/// What a worker makes goes to the loop, and memory to and fro between many arenas stays in each of
/// them. Few are enough: workers ask for memory a few times a chunk of lines.
constexpr int arenas_max = 4;

void say(const std::string& text) { std::fprintf(stderr, "primed: %s\n", text.c_str()); }

}  // namespace

Service::Service(aio::EventLoop& loop, const Options& options)
    : loop_(loop), options_(options), settings_(options.settings) {
  // Before anything else: as process 1 of a container a signal without a handler would be lost.
  loop_.add_signal_handler(SIGTERM, &Service::on_stop_signal, this, SIGTERM);
  loop_.add_signal_handler(SIGINT, &Service::on_stop_signal, this, SIGINT);
  loop_.add_signal_handler(SIGHUP, &Service::on_hangup, this);
  loop_.add_signal_handler(SIGUSR1, &Service::on_reopen, this);
  loop_.add_signal_handler(SIGUSR2, &Service::print_state, this);
}

// Tasks that are left use what is about to go, so they end first. A signal changes nothing any
// more: without a handler it would only spoil the exit code.
Service::~Service() {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    loop_.remove_signal_handler(signal);
    std::signal(signal, SIG_IGN);
  }
  if (run_) run_->abandon();
  loop_.close();
  if (results_fd_ >= 0) ::close(results_fd_);
}

// --- The course of things

aio::Coro<ExitCode> Service::main() {
  if (stops_ > 0) co_return exit_code();  // a signal was faster than the first step
  ListInput input(options_);
  reading_ = aio::current_task();
  const bool one_job_a_line = co_await input.is_one_job_a_line();
  jobs::JobList list;
  if (!one_job_a_line) {
    const std::string text = co_await input.read_all();
    jobs::ParsedList parsed = jobs::parse_list(text, input.parse_options());
    print_faults(parsed.errors, text, input.name());
    if (!parsed.errors.empty()) co_return ExitCode::bad_configuration;
    list = std::move(parsed.list);
    // A signal that came meanwhile is obeyed now. A deadline that has passed comes after the
    // signals in a turn of the loop; a mere yield would not.
    co_await aio::sleep(std::chrono::nanoseconds(1));
  }
  reading_ = {};
  settings_ = or_else(settings_, list.settings);
  aio::ThreadPoolExecutor pool = make_pool();
  open_output();
  run_.emplace(loop_, *output_, std::move(pool), run_options());
  co_await work(input, one_job_a_line, std::move(list));
  co_return exit_code();
}

aio::ThreadPoolExecutor Service::make_pool() const {
  const unsigned workers = settings_.workers.value_or(jobs::available_cpus());
  // libuv starts all of its threads when the first is needed. Nobody else uses them here, so more
  // would only cost their start and end, a millisecond or two; one goes to libuv itself.
  setenv("UV_THREADPOOL_SIZE", std::to_string(workers + 1).c_str(), 0);
  try {
    return aio::ThreadPoolExecutor(workers);
  } catch (const aio::RuntimeError&) {  // nobody else uses the pool: only its size can be too small
    const char* const size = std::getenv("UV_THREADPOOL_SIZE");
    throw Exit(ExitCode::bad_configuration,
               "UV_THREADPOOL_SIZE: \"" + std::string(size ? size : "").substr(0, 80) +
                   "\" is too small for " + std::to_string(workers) + " workers; expected " +
                   std::to_string(workers + 1) + " or more, or nothing");
  }
}

void Service::open_output() {
  int fd = STDOUT_FILENO;
  if (settings_.results) {
    results_fd_ = open_results(is_service() ? O_APPEND : O_TRUNC);
    if (results_fd_ < 0) {
      throw Exit(ExitCode::cannot_create,
                 *settings_.results + ": " + std::generic_category().message(errno));
    }
    fd = results_fd_;
  }
  output_.emplace(loop_, fd);
  output_->on_failure([this] {
    clear_progress();
    say("cannot write results: " + output_->error().message());
    if (run_) run_->stop_now();
    end_requested_.wake_all();
  });
}

int Service::open_results(int flags) const {
  // Non-blocking: opening a named pipe would wait for its reader, and nobody would hear signals.
  flags |= O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK;
  return ::open(settings_.results->c_str(), flags, 0666);
}

aio::Coro<void> Service::work(ListInput& input, bool one_job_a_line, jobs::JobList list) {
  const aio::TimePoint start = aio::Clock::now();
  write_record(jobs::make_run_record());
  const aio::Task<void> progress = show_progress(one_job_a_line, list);
  try {
    if (one_job_a_line) {
      jobs::LineReader reader(input.fd(), input.take_already_read());
      jobs::LineSource source(reader, input.parse_options());
      co_await run_->work(source);
    } else {
      jobs::ListSource source(std::move(list.jobs));
      co_await run_->work(source);
    }
  } catch (const std::system_error& error) {
    say(input.name() + ": " + error.code().message());
    read_failed_ = true;
  }
  if (is_service() && !read_failed_) {
    co_await end_requested_.until([this] { return stops_ > 0 || output_->error(); });
  }
  progress.cancel();
  clear_progress();
  write_record(jobs::SummaryRecord{run_->counts(), aio::Clock::now() - start});
  co_await output_->flush();
}

jobs::RunOptions Service::run_options() const {
  jobs::RunOptions options;
  options.executor = settings_.executor;
  options.max_open_jobs = settings_.max_open_jobs.value_or(options.max_open_jobs);
  return options;
}

aio::Task<void> Service::show_progress(bool one_job_a_line, const jobs::JobList& list) {
  std::optional<std::uint64_t> all;
  if (!one_job_a_line) all = list.jobs.size();
  progress_.emplace(*run_, all, !is_service());
  if (!settings_.results && isatty(STDOUT_FILENO) != 0) {
    output_->before_write([this] { clear_progress(); });
  }
  return loop_.create_task(progress_->show(), "progress");
}

void Service::clear_progress() {
  if (progress_) progress_->clear();
}

ExitCode Service::exit_code() const {
  if (output_ && (output_->error() || !output_->is_flushed())) return ExitCode::output_failed;
  if (read_failed_) return ExitCode::no_input;
  if (is_service()) return ExitCode::success;
  if (stops_ > 0 && (!run_ || run_->left_work())) return ExitCode::work_left;
  const jobs::Counts counts = run_ ? run_->counts() : jobs::Counts();
  const bool all_well = counts.succeeded == counts.accepted && counts.rejected == 0;
  return all_well ? ExitCode::success : ExitCode::jobs_failed;
}

// --- Signals

// The first begins the grace time, the second ends it, the third is nobody's to handle.
void Service::on_stop_signal(int signal) {
  ++stops_;
  clear_progress();
  if (stops_ == 1) {
    if (isatty(STDERR_FILENO) != 0) say("stopping; again to stop at once");
    begin_stop();
  } else if (stops_ == 2) {
    end_grace();
  } else {
    loop_.remove_signal_handler(signal);
    std::raise(signal);
  }
}

void Service::begin_stop() {
  const aio::Duration grace = settings_.grace.value_or(default_grace);
  const aio::TimePoint deadline = aio::saturating_add(loop_.time(), grace);
  if (reading_) reading_.cancel("the program was told to stop");
  if (run_) run_->stop(deadline);
  loop_.call_at(deadline, [this] { end_grace(); });
  end_requested_.wake_all();
}

void Service::end_grace() {
  if (run_) run_->stop_now();
  loop_.call_later(release_time, [this] { leave(); });
}

// The pool or the reader of the results does not let go: what could be done is done. Returning from
// main would wait for the pool.
void Service::leave() {
  const ExitCode code = exit_code();
  if (code == ExitCode::output_failed) say("stopped before all results were written");
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(code));
}

void Service::on_hangup() {
  if (!is_service()) return on_stop_signal(SIGHUP);
  say("SIGHUP: reload is not supported yet; going on with the list as it is");
}

void Service::on_reopen() {
  if (!settings_.results || !output_) return say("SIGUSR1: there is no results file to reopen");
  loop_.create_task(reopen_results(), "reopen results");
}

aio::Coro<void> Service::reopen_results() {
  const int fd = open_results(O_APPEND);
  if (fd < 0) {
    say(*settings_.results + ": " + std::generic_category().message(errno) +
        "; going on with the file that is open");
    co_return;
  }
  co_await output_->switch_to(fd);
  ::close(std::exchange(results_fd_, fd));
}

void Service::print_state() {
  clear_progress();
  print_counts();
  print_tasks(loop_);
}

void Service::print_counts() const {
  if (!run_) return say("no job has been taken in yet");
  const jobs::Counts counts = run_->counts();
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  say(number(counts.accepted) + " accepted: " + number(counts.succeeded) + " succeeded, " +
      number(counts.failed) + " failed, " + number(counts.interrupted) + " interrupted, " +
      number(counts.left) + " not ended, " + number(run_->open_jobs()) + " under way; " +
      number(counts.rejected) + " lines rejected");
}

// --- The command

namespace {

ExitCode run_to_the_end(aio::EventLoop& loop, Service& service) {
  return loop.run_until_complete(loop.create_task(service.main(), "main"));
}

ExitCode serve_until_stopped(aio::EventLoop& loop, Service& service) {
  const aio::Task<ExitCode> main = loop.create_task(service.main(), "main");
  main.add_done_callback([&loop](const aio::AnyFuture&) { loop.stop(); });
  loop.run_forever();
  return main.result();
}

/// For `primed ps`. That nobody can look is no reason not to work.
std::unique_ptr<aio::InspectServer> serve_inspection(aio::EventLoop& loop) {
  try {
    return std::make_unique<aio::InspectServer>(loop);
  } catch (const std::exception& error) {
    say(std::string("primed ps will not work: ") + error.what());
    return nullptr;
  }
}

}  // namespace

ExitCode work(const Options& options) {
  mallopt(M_ARENA_MAX, arenas_max);
  // The ticks of countdowns come before checks.
  aio::run_pool_in_background();
  aio::request_prompt_wakes();
  aio::EventLoop loop;
  const std::unique_ptr<aio::InspectServer> inspection = serve_inspection(loop);
  Service service(loop, options);
  try {
    return service.is_service() ? serve_until_stopped(loop, service)
                                : run_to_the_end(loop, service);
  } catch (const aio::CancelledError&) {  // a signal, while the list was being read
    return service.exit_code();
  }
}

}  // namespace primed
