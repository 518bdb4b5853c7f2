#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "aio/run.hpp"
#include "aio/testing.hpp"
#include "support/loop_test.hpp"

using namespace support;
using aio::Coro;

namespace {

using Handler = void (*)(int);

Handler handler_of_sigint() {
  struct sigaction action {};
  REQUIRE(sigaction(SIGINT, nullptr, &action) == 0);
  return action.sa_handler;
}

/// SIGINT as a program finds it, and not as the test framework has set it.
class DefaultSigint {
 public:
  DefaultSigint() : saved_(std::signal(SIGINT, SIG_DFL)) {}
  DefaultSigint(const DefaultSigint&) = delete;
  DefaultSigint& operator=(const DefaultSigint&) = delete;
  ~DefaultSigint() { std::signal(SIGINT, saved_); }

 private:
  Handler saved_;
};

/// Calls `f` in a child process; what became of it.
template <class F>
int status_of_child(F f) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);
    f();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

Coro<void> wait_for_ever() { co_await aio::get_running_loop().create_future(); }

/// Has SIGINT sent to the program by another thread once the loop is on its way to wait.
Coro<void> wait_for_sigint(std::thread& sender) {
  aio::get_running_loop().call_soon(
      [&sender] { sender = std::thread([] { kill(getpid(), SIGINT); }); });
  co_await wait_for_ever();
}

Coro<int> refuse_to_end() {
  std::raise(SIGINT);
  try {
    co_await wait_for_ever();
  } catch (const aio::CancelledError& error) {
    CHECK(error.message() == "SIGINT");
  }
  co_await aio::sleep(1us);  // it is asked once only
  co_return 7;
}

Coro<void> end_at_once() {
  std::raise(SIGINT);
  co_return;
}

Coro<void> fail_at_once() {
  std::raise(SIGINT);
  throw std::runtime_error("failed");
  co_return;
}

Coro<void> cancel_then_interrupt(aio::AnyTask victim) {
  co_await aio::sleep(0);
  victim.cancel("by another");
  std::raise(SIGINT);
}

Coro<void> be_cancelled_and_interrupted() {
  static_cast<void>(aio::create_task(cancel_then_interrupt(aio::current_task())));
  co_await wait_for_ever();
}

Coro<void> be_cancelled_while_interrupted(bool& asked) {
  const aio::AnyTask self = aio::current_task();
  std::raise(SIGINT);
  try {
    co_await wait_for_ever();
  } catch (const aio::CancelledError&) {
    asked = true;
  }
  self.cancel("by itself");
  co_await aio::sleep(0);
}

Coro<Handler> look_at_handler() { co_return handler_of_sigint(); }

void ignore_it(int) {}

}  // namespace

TEST_CASE("SIGINT cancels a main that waits and run throws Interrupted [R7]") {
  const DefaultSigint as_in_a_program;
  std::thread sender;
  CHECK_THROWS_AS(aio::run(wait_for_sigint(sender)), aio::Interrupted);
  sender.join();
  CHECK((handler_of_sigint() == SIG_DFL));
}

TEST_CASE("SIGINT cancels a main that is busy and one that sleeps on a virtual clock [R7]") {
  const DefaultSigint as_in_a_program;
  const auto busy = []() -> Coro<void> {
    std::raise(SIGINT);
    for (;;) co_await aio::sleep(0);
  };
  CHECK_THROWS_AS(aio::run(busy), aio::Interrupted);
  std::thread sender;
  CHECK_THROWS_AS(aio::testing::run(wait_for_sigint(sender)), aio::Interrupted);
  sender.join();
}

TEST_CASE("a SIGINT in the last step of main ends it as Interrupted or by its own failure [R7]") {
  const DefaultSigint as_in_a_program;
  CHECK_THROWS_AS(aio::run(end_at_once()), aio::Interrupted);
  CHECK_THROWS_AS(aio::run(fail_at_once()), std::runtime_error);
}

TEST_CASE("a runner goes on after an Interrupted, and the next SIGINT is a first one [R7]") {
  const DefaultSigint as_in_a_program;
  aio::Runner runner;
  for (int i = 0; i < 3; ++i) {
    std::thread sender;
    CHECK_THROWS_AS(runner.run(wait_for_sigint(sender)), aio::Interrupted);
    sender.join();
    CHECK(runner.run(refuse_to_end()) == 7);
  }
}

TEST_CASE("Interrupted passes catch clauses for std::exception, with the shell's exit code [R7]") {
  static_assert(!std::is_base_of_v<std::exception, aio::Interrupted>);
  const int status = status_of_child([] {
    try {
      aio::run(end_at_once());
    } catch (const std::exception&) {
      _exit(1);
    } catch (const aio::Interrupted&) {
      _exit(aio::Interrupted::exit_code);
    }
  });
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
}

TEST_CASE("a second SIGINT ends the program at once [R8]") {
  const auto insist = []() -> Coro<void> {
    std::raise(SIGINT);
    try {
      co_await wait_for_ever();
    } catch (const aio::CancelledError&) {
      std::raise(SIGINT);
      _exit(1);
    }
  };
  int status = status_of_child([&] { aio::run(insist); });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
  // Also where the loop has had no chance to see the first one.
  const auto block = []() -> Coro<void> {
    std::raise(SIGINT);
    std::raise(SIGINT);
    _exit(1);
    co_return;
  };
  status = status_of_child([&] { aio::run(block); });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
}

TEST_CASE("SIGINT on a main that others have cancelled gives CancelledError [R9]") {
  const DefaultSigint as_in_a_program;
  CHECK_THROWS_AS(aio::run(be_cancelled_and_interrupted()), aio::CancelledError);
  bool asked = false;
  CHECK_THROWS_AS(aio::run(be_cancelled_while_interrupted(asked)), aio::CancelledError);
  CHECK(asked);
}

TEST_CASE("a main that catches the cancellation of a SIGINT gives its value [R10]") {
  const DefaultSigint as_in_a_program;
  CHECK(aio::run(refuse_to_end()) == 7);
}

TEST_CASE("SIGINT is handled during a run only and over its default only [R11]") {
  const DefaultSigint as_in_a_program;
  const Handler during = aio::run(look_at_handler());
  CHECK((during != SIG_DFL));
  CHECK((handler_of_sigint() == SIG_DFL));
  for (const Handler other : {Handler(SIG_IGN), Handler(ignore_it)}) {
    std::signal(SIGINT, other);
    CHECK((aio::run(look_at_handler()) == other));
    CHECK((handler_of_sigint() == other));
  }
}

TEST_CASE("SIGINT is left alone by runs on other threads [R11]") {
  const DefaultSigint as_in_a_program;
  Handler during = ignore_it;
  std::thread([&] { during = aio::run(look_at_handler()); }).join();
  CHECK((during == SIG_DFL));
}

TEST_CASE("a handler of SIGINT that main sets stays when the run ends [R11]") {
  const DefaultSigint as_in_a_program;
  const auto body = []() -> Coro<void> {
    std::signal(SIGINT, ignore_it);
    co_return;
  };
  aio::run(body);
  CHECK((handler_of_sigint() == ignore_it));
}

TEST_CASE("a loop's own handler of SIGINT comes before that of the run [R11]") {
  const DefaultSigint as_in_a_program;
  const auto body = []() -> Coro<int> {
    const auto seen = aio::get_running_loop().create_future<int>();
    aio::get_running_loop().add_signal_handler(SIGINT, [seen] { seen.set_result(1); });
    std::raise(SIGINT);
    co_return co_await seen;
  };
  CHECK(aio::run(body) == 1);
  CHECK((handler_of_sigint() == SIG_DFL));
}
