#include "primed/signals.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace primed {

namespace {

constexpr int caught[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
constexpr int exit_of_signal = 128;  // what a shell adds to the number of the signal

/// A byte for each signal on its way to the loop. Kept for the life of the process: a handler may
/// run on any thread, at any time.
std::atomic<int> reading_end = -1;
std::atomic<int> writing_end = -1;
/// How a signal is to end the process; none as long as the loop decides.
constexpr int undecided = -1;
std::atomic<int> exit_status = undecided;
static_assert(std::atomic<int>::is_always_lock_free);

bool asks_to_stop(int signal) { return signal != SIGUSR1 && signal != SIGUSR2; }

/// On any thread, amid anything.
void on_signal(int signal) {
  const int status = exit_status.load();
  if (status != undecided) {
    if (asks_to_stop(signal)) ::_exit(status);
    return;
  }
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(signal);
  // One that does not fit comes after thousands that the loop has not heard either.
  static_cast<void>(!::write(writing_end, &byte, 1));
  errno = saved;
}

void make_pipe() {
  if (reading_end >= 0) return;
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot make a pipe for signals");
  }
  reading_end = ends[0];
  writing_end = ends[1];
}

void read_signals(const std::function<void(int)>& handler) {
  unsigned char signals[64];
  for (;;) {
    const ssize_t count = ::read(reading_end, signals, sizeof signals);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    for (ssize_t i = 0; i < count; ++i) handler(signals[i]);
  }
}

}  // namespace

void catch_signals() {
  make_pipe();
  exit_status = undecided;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  for (const int signal : caught) {
    if (::sigaction(signal, &action, nullptr) == 0) continue;
    throw std::system_error(errno, std::generic_category(), "cannot catch a signal");
  }
}

void listen_to_signals(aio::EventLoop& loop, std::function<void(int)> handler) {
  loop.add_reader(reading_end, [handler = std::move(handler)] { read_signals(handler); });
}

void exit_at_next_signal(ExitCode code) { exit_status = static_cast<int>(code); }

void die_of(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  std::raise(signal);
  std::_Exit(exit_of_signal + signal);
}

}  // namespace primed
