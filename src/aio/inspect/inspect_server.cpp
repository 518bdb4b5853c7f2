#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <sys/time.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <new>
#include <string_view>
#include <thread>

#include "aio/inspect.hpp"
#include "aio/inspect/inspect_socket.hpp"
#include "aio/inspect/wire.hpp"

namespace aio {

namespace {

using detail::throw_system_error;

/// How long the loop's thread may take to answer; even a stuck one answers at once, unless it waits
/// in the kernel where no signal is delivered, or is stopped.
constexpr std::time_t answer_seconds = 10;
constexpr timeval send_time{2, 0};

constexpr std::size_t first_memory = std::size_t{1} << 18;
constexpr std::size_t most_memory = std::size_t{1} << 30;

/// A request to the signal handler.
struct Request {
  const detail::LoopState* loop;
  detail::WireBuffer* lines;
  std::atomic<bool> written = false;  // orders the memory; the semaphore wakes
  sem_t done{};
};

/// The request that is waiting for the handler; the thread that takes it out owns it.
std::atomic<Request*> pending{nullptr};
static_assert(std::atomic<Request*>::is_always_lock_free);

void on_signal(int) {
  const int saved = errno;
  if (Request* const request = pending.exchange(nullptr)) {
    // On another thread the tasks may change meanwhile; then there is no answer.
    if (request->loop->is_own_thread()) detail::write_tasks(*request->loop, *request->lines);
    request->written.store(true, std::memory_order_release);
    ::sem_post(&request->done);
  }
  errno = saved;
}

/// The first real-time signal without a handler, from now on handled here.
int take_signal() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (int number = SIGRTMAX; number >= SIGRTMIN; --number) {
    struct sigaction current {};
    if (::sigaction(number, nullptr, &current) != 0 || current.sa_handler != SIG_DFL) continue;
    ::sigaction(number, &action, nullptr);
    return number;
  }
  throw RuntimeError("no real-time signal is free");
}

/// Taken once for the process, and kept: one that is still on its way would end it by default.
int inspect_signal() {
  static const int number = take_signal();
  return number;
}

detail::OwnedDescriptor listen_for_this_process() {
  detail::OwnedDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) throw_system_error(errno, "cannot make a socket");
  const detail::InspectAddress address(::getpid());
  if (::bind(socket.get(), address.get(), address.size) != 0 || ::listen(socket.get(), 8) != 0) {
    throw_system_error(errno, "cannot listen for inspection");
  }
  return socket;
}

}  // namespace

/// The thread that answers, with its sockets and memory.
class InspectServer::Watcher {
 public:
  explicit Watcher(EventLoop& loop)
      : loop_(loop.state()),
        loop_thread_(::pthread_self()),
        listening_(listen_for_this_process()),
        stop_(::eventfd(0, EFD_CLOEXEC)) {
    if (stop_.get() < 0) throw_system_error(errno, "cannot make an event descriptor");
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, signal_);
    ::pthread_sigmask(SIG_UNBLOCK, &ours, nullptr);
    start_thread();
  }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  ~Watcher() {
    ::eventfd_write(stop_.get(), 1);
    thread_.join();
  }

 private:
  /// With all signals blocked: they are the program's.
  void start_thread() {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      thread_ = std::thread([this] { watch(); });
    } catch (...) {
      ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
      throw;
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void watch() {
    pollfd waited[] = {{listening_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    while (true) {
      if (::poll(waited, 2, -1) < 0) {
        if (errno == EINTR) continue;
        return;
      }
      if (waited[1].revents != 0) return;
      if (waited[0].revents == 0) continue;
      const detail::OwnedDescriptor client(
          ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (client.get() >= 0) {
        answer(client.get());
      } else {
        ::poll(&waited[1], 1, 100);  // no descriptor is free: not again at once
      }
    }
  }

  void answer(int client) {
    ::setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &send_time, sizeof send_time);
    const uid_t peer = detail::peer_of(client).uid;
    if (peer != 0 && peer != ::geteuid()) return send_all(client, detail::denied_answer);
    for (std::size_t size = first_memory; size <= most_memory; size *= 4) {
      const std::unique_ptr<char[]> memory(new (std::nothrow) char[size]);
      if (!memory) break;
      detail::WireBuffer lines(memory.get(), size);
      if (!fill(lines)) break;
      if (!lines.is_full()) return send_all(client, lines.written());
    }
    send_all(client, detail::silent_answer);
  }

  /// Has the loop's thread write its tasks; false if it does not.
  bool fill(detail::WireBuffer& lines) {
    Request request{loop_.get(), &lines};
    ::sem_init(&request.done, 0, 0);
    pending.store(&request);
    timespec until{};
    ::clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += answer_seconds;
    bool answered = ::pthread_kill(loop_thread_, signal_) == 0 && wait(request, &until);
    if (!answered && !pending.exchange(nullptr)) {  // it has begun, so it will end
      answered = wait(request, nullptr);
    }
    ::sem_destroy(&request.done);
    return answered && !lines.written().empty();
  }

  static bool wait(Request& request, const timespec* until) {
    while (true) {
      const int status = until ? ::sem_clockwait(&request.done, CLOCK_MONOTONIC, until)
                               : ::sem_wait(&request.done);
      if (status == 0) return request.written.load(std::memory_order_acquire);
      if (errno != EINTR) return false;
    }
  }

  static void send_all(int client, std::string_view text) {
    while (!text.empty()) {
      const ssize_t size = ::send(client, text.data(), text.size(), MSG_NOSIGNAL);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(size));
    }
  }

  const detail::Ref<detail::LoopState> loop_;
  const pthread_t loop_thread_;
  const detail::OwnedDescriptor listening_;
  const detail::OwnedDescriptor stop_;
  const int signal_ = inspect_signal();
  std::thread thread_;
};

InspectServer::InspectServer(EventLoop& loop) : watcher_(std::make_unique<Watcher>(loop)) {}
InspectServer::~InspectServer() = default;

}  // namespace aio
