#include <doctest/doctest.h>

#include <csignal>
#include <thread>

#include "aio/event_loop.hpp"
#include "support/loop_test.hpp"

using namespace support;

namespace {

bool is_default(int signal) {
  struct sigaction action {};
  REQUIRE(sigaction(signal, nullptr, &action) == 0);
  return action.sa_handler == SIG_DFL;
}

template <class... Args>
concept AddSignalHandler = requires(aio::EventLoop& loop, Args&&... args) {
  loop.add_signal_handler(std::forward<Args>(args)...);
};

using Function = void (*)();
using Coroutine = aio::Coro<void> (*)();

}  // namespace

TEST_CASE("[S1] a signal number that is none is a ValueError and SIGKILL a RuntimeError") {
  aio::EventLoop loop;
  const auto nothing = [] {};
  for (const int number : {-1, 0, 65, 1000}) {
    CHECK_THROWS_AS(loop.add_signal_handler(number, nothing), aio::ValueError);
  }
  for (const int number : {SIGKILL, SIGSTOP, 32}) {  // the C library keeps 32 for itself
    CHECK_THROWS_AS(loop.add_signal_handler(number, nothing), aio::RuntimeError);
    CHECK_FALSE(loop.remove_signal_handler(number));
  }
  run_turns(loop, 1);
}

TEST_CASE("[S1] a signal or handler of the wrong type does not compile") {
  static_assert(AddSignalHandler<int, Function>);
  static_assert(!AddSignalHandler<std::string, Function> && !AddSignalHandler<int, int>);
  static_assert(!AddSignalHandler<int, Coroutine>, "nobody would await the coroutine");
}

TEST_CASE("[S2] a handler runs in the loop with its arguments") {
  aio::EventLoop loop;
  std::string seen;
  loop.add_signal_handler(
      SIGUSR1,
      [&](const std::string& what, int number) {
        CHECK(&aio::get_running_loop() == &loop);
        seen += what + std::to_string(number);
        loop.stop();
      },
      "usr", 1);
  for (int i = 0; i < 2; ++i) {
    std::raise(SIGUSR1);
    loop.run_forever();
  }
  CHECK(seen == "usr1usr1");
}

TEST_CASE("[S2] a handler keeps what it remembers from one signal to the next") {
  aio::EventLoop loop;
  int last = 0;
  loop.add_signal_handler(SIGUSR1, [&, count = 0]() mutable {
    last = ++count;
    loop.stop();
  });
  for (int i = 1; i <= 3; ++i) {
    std::raise(SIGUSR1);
    loop.run_forever();
    CHECK(last == i);
  }
}

TEST_CASE("[S2] a signal that arrives while the loop waits wakes it") {
  aio::EventLoop loop;
  loop.add_signal_handler(SIGUSR2, [&] { loop.stop(); });
  std::thread sender;
  loop.call_soon([&] { sender = std::thread([] { ::kill(::getpid(), SIGUSR2); }); });
  loop.run_forever();
  sender.join();
}

TEST_CASE("[S2] what a handler throws goes to the exception handler") {
  ReportLog log;
  aio::EventLoop loop;
  log.listen_to(loop);
  loop.add_signal_handler(SIGUSR1, [] { throw std::runtime_error("no luck"); });
  std::raise(SIGUSR1);
  run_turns(loop, 2);
  REQUIRE(log.reports.size() == 1);
  CHECK(text_of(log.reports[0].exception) == "no luck");
}

TEST_CASE("[S2] every loop that handles a signal is told") {
  aio::EventLoop first;
  aio::EventLoop second;
  int told = 0;
  first.add_signal_handler(SIGUSR1, [&] { ++told; });
  second.add_signal_handler(SIGUSR1, [&] { ++told; });
  std::raise(SIGUSR1);
  run_turns(first, 2);
  run_turns(second, 2);
  CHECK(told == 2);
}

TEST_CASE("[S3] remove returns true once and restores the default") {
  aio::EventLoop loop;
  loop.add_signal_handler(SIGUSR1, [] {});
  loop.add_signal_handler(SIGINT, [] {});
  CHECK_FALSE(is_default(SIGUSR1));
  CHECK(loop.remove_signal_handler(SIGUSR1));
  CHECK_FALSE(loop.remove_signal_handler(SIGUSR1));
  CHECK(is_default(SIGUSR1));
  CHECK_FALSE(is_default(SIGINT));
  CHECK(loop.remove_signal_handler(SIGINT));
  CHECK(is_default(SIGINT));
}

TEST_CASE("[S4] close removes all handlers even with a signal on its way") {
  aio::EventLoop loop;
  bool called = false;
  loop.add_signal_handler(SIGUSR1, [&] { called = true; });
  loop.add_signal_handler(SIGUSR2, [&] { called = true; });
  std::raise(SIGUSR1);
  loop.close();
  CHECK(is_default(SIGUSR1));
  CHECK(is_default(SIGUSR2));
  CHECK_FALSE(called);
  CHECK_THROWS_AS(loop.add_signal_handler(SIGUSR1, [] {}), aio::RuntimeError);
}

TEST_CASE("[S5] a cancelled handler is removed and not run") {
  aio::EventLoop loop;
  bool called = false;
  const aio::Handle handle = loop.add_signal_handler(SIGUSR1, [&] { called = true; });
  handle.cancel();
  std::raise(SIGUSR1);
  run_turns(loop, 2);
  CHECK_FALSE(called);
  CHECK(is_default(SIGUSR1));
  CHECK_FALSE(loop.remove_signal_handler(SIGUSR1));
}

TEST_CASE("[S5] a handler cancelled or removed while its call is ready is not run") {
  aio::EventLoop loop;
  bool called = false;
  const aio::Handle handle = loop.add_signal_handler(SIGUSR1, [&] { called = true; });
  loop.add_signal_handler(SIGUSR2, [&] { called = true; });
  // Ready before the signals' calls, which the turn's poll makes ready after them.
  loop.call_soon([&] {
    handle.cancel();
    loop.remove_signal_handler(SIGUSR2);
  });
  std::raise(SIGUSR1);
  std::raise(SIGUSR2);
  run_turns(loop, 3);
  CHECK_FALSE(called);
}

TEST_CASE("a handler replaced while a signal is on its way gets that signal") {
  aio::EventLoop loop;
  std::string called;
  loop.add_signal_handler(SIGUSR1, [&] { called += "old"; });
  std::raise(SIGUSR1);
  loop.add_signal_handler(SIGUSR1, [&] { called += "new"; });
  run_turns(loop, 2);
  CHECK(called == "new");

  loop.call_soon([&] { loop.add_signal_handler(SIGUSR1, [&] { called += "newest"; }); });
  std::raise(SIGUSR1);
  run_turns(loop, 3);
  CHECK(called == "newnewest");
}

TEST_CASE("a handler may remove itself while it runs") {
  aio::EventLoop loop;
  std::string seen;
  loop.add_signal_handler(SIGUSR1, [&, held = std::string("held")] {
    CHECK(loop.remove_signal_handler(SIGUSR1));
    seen = held;
  });
  std::raise(SIGUSR1);
  run_turns(loop, 2);
  CHECK(seen == "held");
  CHECK(is_default(SIGUSR1));
}
