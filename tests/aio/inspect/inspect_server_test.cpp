#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "aio/aio.hpp"
#include "aio/core/code_place.hpp"
#include "aio/inspect/inspect_socket.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"

using namespace std::chrono_literals;
using aio::Coro;
using aio::InspectServer;
using aio::TaskInfo;
using support::sleep_an_hour;
using support::turns;

namespace {

std::vector<TaskInfo> look() { return aio::inspect_process(getpid()); }

bool has(const std::vector<TaskInfo>& tasks, const std::string& name) {
  return std::any_of(tasks.begin(), tasks.end(),
                     [&name](const TaskInfo& task) { return task.name == name; });
}

std::error_condition refusal_of(pid_t process) {
  try {
    static_cast<void>(aio::inspect_process(process));
  } catch (const std::system_error& error) {
    return error.code().default_error_condition();
  }
  return {};
}

}  // namespace

TEST_CASE("a process that serves inspection tells others what its tasks are") {
  aio::run([]() -> Coro<void> {
    const InspectServer server(aio::get_running_loop());
    const auto task = aio::create_task(sleep_an_hour(), "sleeper");
    const auto tasks = co_await aio::to_thread(look);
    CHECK(tasks.size() == 2);
    CHECK(has(tasks, "sleeper"));
    task.cancel();
  });
}

TEST_CASE("there may be any number of servers one after the other") {
  aio::run([]() -> Coro<void> {
    for (int i = 0; i < 40; ++i) const InspectServer server(aio::get_running_loop());
    co_return;
  });
}

TEST_CASE("a loop that is stuck in a step still answers") {
  aio::run([]() -> Coro<void> {
    const InspectServer server(aio::get_running_loop());
    const auto task = aio::create_task(sleep_an_hour(), "sleeper");
    co_await turns(1);
    // The loop's thread waits here, with the step under way, until the other has its answer.
    const auto tasks = std::async(std::launch::async, look).get();
    CHECK(has(tasks, "sleeper"));
    CHECK(std::any_of(tasks.begin(), tasks.end(),
                      [](const TaskInfo& info) { return info.state == "running"; }));
    task.cancel();
  });
}

TEST_CASE("a loop may be looked at while tasks come and go and are renamed and fail") {
  aio::run([]() -> Coro<void> {
    const InspectServer server(aio::get_running_loop());
    std::atomic<bool> done = false;
    std::thread client([&done] {
      for (int i = 0; i < 200; ++i) look();
      done = true;
    });
    const auto inner = [](int depth, const auto& self) -> Coro<int> {
      if (depth == 0) throw std::runtime_error("no luck");
      co_return co_await self(depth - 1, self);
    };
    const auto body = [](const auto& run) -> Coro<void> {
      aio::current_task().set_name(std::string(100, 'n'));
      try {
        co_await run(5, run);
      } catch (const std::runtime_error&) {
      }
      aio::current_task().set_name("short");
      co_await aio::sleep(1ns);
    };
    while (!done) {
      std::vector<aio::Task<void>> tasks;
      for (int i = 0; i < 20; ++i) tasks.push_back(aio::create_task(body(inner)));
      tasks.back().cancel();
      co_await aio::wait(tasks);
    }
    client.join();
  });
}

TEST_CASE("more tasks than fit at first are told all the same") {
  aio::run([]() -> Coro<void> {
    const InspectServer server(aio::get_running_loop());
    std::vector<aio::Task<void>> tasks;
    for (int i = 0; i < 5000; ++i) {
      tasks.push_back(aio::create_task(sleep_an_hour(), std::string(100, 'x')));
    }
    co_await turns(1);
    const auto seen = co_await aio::to_thread(look);
    CHECK(seen.size() == tasks.size() + 1);
    for (const auto& task : tasks) task.cancel();
    co_await aio::wait(tasks);
  });
}

TEST_CASE("one process serves one loop and another server is refused until that is gone") {
  aio::EventLoop loop;
  for (int i = 0; i < 3; ++i) {
    const InspectServer server(loop);
    CHECK(look().empty());
    CHECK_THROWS_AS(InspectServer{loop}, std::system_error);
  }
}

TEST_CASE("a process that does not serve inspection is told from one that does not exist") {
  CHECK(refusal_of(getpid()) == std::errc::connection_refused);
  const pid_t child = fork();
  if (child == 0) _exit(0);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(refusal_of(child) == std::errc::no_such_process);
}

TEST_CASE("a process that answers in the name of another one is not believed") {
  const aio::detail::OwnedDescriptor listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const aio::detail::InspectAddress address(getppid());
  REQUIRE(::bind(listening.get(), address.get(), address.size) == 0);
  REQUIRE(::listen(listening.get(), 1) == 0);
  CHECK(refusal_of(getppid()) == std::errc::connection_refused);
}

TEST_CASE("function names lose what the compiler adds") {
  using aio::detail::short_function;
  CHECK(short_function("Co f(int)") == "f");
  CHECK(
      short_function("aio::Coro<std::pair<int, int> > jobs::Run::work(std::function<void(int)>)") ==
      "jobs::Run::work");
  CHECK(short_function("void n::S::member(n::S::member(int)::_ZN1n1S6memberEi.Frame*)") ==
        "n::S::member");
  CHECK(short_function("aio::Coro<T> f(T) [with T = int]") == "f");
  CHECK(short_function("Coro<int> f(T) [T = int]") == "f");
  CHECK(short_function("main()::<lambda(int)>") == "main()::<lambda>");
  CHECK(short_function("auto main()::(anonymous class)::operator()() const") == "main()::<lambda>");
  CHECK(short_function("Coro<> {anonymous}::f()") == "f");
  CHECK(short_function("Coro<> (anonymous namespace)::f()") == "f");
  CHECK(
      short_function(
          "void main()::<lambda()>::operator()(main()::<lambda()>::_ZZ4mainENKUlvE_clEv.Frame*)") ==
      "main()::<lambda>");
  CHECK(short_function("").empty());
}
