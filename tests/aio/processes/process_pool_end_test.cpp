#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <array>
#include <random>

#include "aio/process_pool_executor.hpp"
#include "process_functions.hpp"
#include "support/await.hpp"
#include "support/loop_test.hpp"
#include "support/temporary_folder.hpp"

using namespace support;
using namespace functions;
using aio::OnCancel;
using aio::PoolOptions;

namespace {

/// Whether this process has a child, running or zombie.
bool has_children() {
  int status = 0;
  return waitpid(-1, &status, WNOHANG) >= 0 || errno != ECHILD;
}

std::string error_of(aio::EventLoop& loop, const aio::Future<>& future) {
  try {
    loop.run_until_complete(future);
  } catch (const aio::BrokenProcessPool& error) {
    return error.what();
  }
  return "nothing";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

aio::Coro<void> await_held(aio::ProcessPoolExecutor pool, PoolOptions options, std::string path) {
  auto future = aio::get_running_loop().run_in_executor(pool, options, hold_there, path);
  co_await future;
}

aio::Coro<void> cancel_held(OnCancel on_cancel, std::string path) {
  const aio::ProcessPoolExecutor pool(1);
  const auto options = PoolOptions().on_cancel(on_cancel);
  const auto task = aio::create_task(outcome_of(await_held(pool, options, path)));
  const auto pids = co_await holders(path, 1);
  CHECK(exists(pids[0]));
  CHECK(task.cancel("enough"));
  const auto outcome = co_await task;
  REQUIRE(outcome.cancelled);
  CHECK(outcome.cancelled->message() == "enough");
  if (on_cancel == OnCancel::wait) CHECK_FALSE(exists(pids[0]));
  co_await pool.join();
  CHECK_FALSE(exists(pids[0]));
  const auto next = co_await aio::get_running_loop().run_in_executor(pool, own_pid_there);
  CHECK(next != pids[0]);
}

aio::Coro<void> time_out(std::string path) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ProcessPoolExecutor pool(1);
  const auto task = aio::create_task(outcome_of(await_held(pool, PoolOptions(), path)));
  const auto pids = co_await holders(path, 1);
  loop.call_later(1ms, [task] { task.cancel("out of time"); });
  const auto outcome = co_await task;
  CHECK(outcome.cancelled);
  co_await pool.join();
  CHECK_FALSE(exists(pids[0]));
}

aio::Coro<void> kill_one_of_two(std::string folder) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ProcessPoolExecutor pool(2);
  const auto victim = loop.run_in_executor(pool, hold_there, folder + "/victim");
  const auto other =
      loop.run_in_executor(pool, hold_until_there, folder + "/other", folder + "/go");
  const auto queued = loop.run_in_executor(pool, own_pid_there);
  const auto victims = co_await holders(folder + "/victim", 1);
  const auto others = co_await holders(folder + "/other", 1);
  kill(victims[0], SIGKILL);
  const auto outcome = co_await outcome_of(victim);
  CHECK(outcome.threw<aio::BrokenProcessPool>());
  const std::string text = text_of(victim.exception());
  CHECK(text == "the worker process " + std::to_string(victims[0]) +
                    " was killed by signal 9 (Killed) while it ran 'hold'");
  const auto replacement = co_await queued;
  CHECK(replacement != victims[0]);
  CHECK(replacement != others[0]);
  CHECK_FALSE(other.done());
  append(folder + "/go", "go");
  co_await other;
}

aio::Coro<void> cancel_at_random(unsigned seed) {
  std::mt19937 random(seed);
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ProcessPoolExecutor pool(3);
  std::vector<aio::Future<int>> futures;
  for (int i = 0; i < 300; ++i) {
    const auto options = PoolOptions()
                             .priority(static_cast<int>(random() % 3))
                             .on_cancel(random() % 2 == 0 ? OnCancel::wait : OnCancel::abandon);
    futures.push_back(loop.run_in_executor(pool, options, divide_there, 2 * i, 2));
    if (random() % 3 == 0) futures[random() % futures.size()].cancel();
    if (random() % 8 == 0) co_await aio::sleep(1us * (random() % 2000));
  }
  co_await pool.join();
  for (std::size_t i = 0; i < futures.size(); ++i) {
    CHECK((futures[i].cancelled() || futures[i].result() == static_cast<int>(i)));
  }
  const auto statistics = pool.statistics();
  CHECK(statistics.submitted == 300);
  CHECK(statistics.completed + statistics.cancelled == 300);
}

}  // namespace

TEST_CASE("a worker that is killed in a call fails that call alone and is replaced") {
  const TemporaryFolder folder;
  aio::run(kill_one_of_two(folder.path().string()));
  CHECK_FALSE(has_children());
}

TEST_CASE("a worker that ends by itself names its signal or its exit code") {
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(1);
  const std::string first =
      error_of(loop, loop.run_in_executor(pool, end_by_signal_there, SIGSEGV));
  CHECK(
      contains(first, "was killed by signal 11 (Segmentation fault) while it ran 'end_by_signal'"));
  const std::string second = error_of(loop, loop.run_in_executor(pool, end_by_exit_there, 3));
  CHECK(contains(second, "ended with exit code 3 while it ran 'end_by_exit'"));
  CHECK(loop.run_until_complete(loop.run_in_executor(pool, divide_there, 4, 2)) == 2);
}

TEST_CASE("an idle worker that is killed is replaced and the call that met it is made again") {
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(1);
  for (int round = 0; round < 5; ++round) {
    const auto pid = loop.run_until_complete(loop.run_in_executor(pool, own_pid_there));
    kill(pid, SIGKILL);
    if (round % 2 == 0) {
      siginfo_t info{};
      waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);  // it has ended
    }
    const auto next = loop.run_until_complete(loop.run_in_executor(pool, own_pid_there));
    CHECK(next != pid);
  }
}

TEST_CASE("cancelling a call kills its worker, and the next call has another [E2]") {
  for (const OnCancel on_cancel : {OnCancel::abandon, OnCancel::wait}) {
    const TemporaryFolder folder;
    aio::run(cancel_held(on_cancel, (folder.path() / "held").string()));
    CHECK_FALSE(has_children());
  }
}

TEST_CASE("a call that is out of time is cancelled and its worker killed") {
  const TemporaryFolder folder;
  aio::run(time_out((folder.path() / "held").string()));
  CHECK_FALSE(has_children());
}

TEST_CASE("a call that waits for a worker is withdrawn and never made [E2]") {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "call").string();
  const auto go = (folder.path() / "go").string();
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(1);
  const auto first = loop.run_in_executor(pool, hold_until_there, path + "-first", go);
  const auto second = loop.run_in_executor(pool, append_there, path, "made");
  const auto third = loop.run_in_executor(pool, PoolOptions().on_cancel(OnCancel::wait),
                                          append_there, path, "made");
  CHECK(second.cancel());
  CHECK(second.cancelled());
  CHECK(third.cancel());
  CHECK(third.cancelled());
  CHECK(pool.statistics().cancelled == 2);
  append(go, "go");
  loop.run_until_complete(pool.join());
  CHECK(lines_of(path).empty());
}

TEST_CASE("closing the loop kills calls, withdraws others and leaves no process [E2]") {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "held").string();
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(3);
  CHECK(loop.run_until_complete(loop.run_in_executor(pool, divide_there, 4, 2)) == 2);
  std::vector<aio::Future<>> futures;
  for (int i = 0; i < 3; ++i) futures.push_back(loop.run_in_executor(pool, hold_there, path));
  for (int i = 0; i < 4; ++i)
    futures.push_back(loop.run_in_executor(pool, append_there, path, "x"));
  const auto pids = loop.run_until_complete(holders(path, 3));
  futures.pop_back();  // nobody cares about the last
  loop.close();
  for (const pid_t pid : pids) CHECK_FALSE(exists(pid));
  CHECK_FALSE(has_children());
  for (const auto& future : futures) CHECK(future.cancelled());
  CHECK(lines_of(path).size() == 3);
}

TEST_CASE("a loop with idle workers closes and leaves no process") {
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(2);
  const auto first = loop.run_in_executor(pool, own_pid_there);
  const auto second = loop.run_in_executor(pool, own_pid_there);
  loop.run_until_complete(first);
  loop.run_until_complete(second);
  CHECK(has_children());
  loop.close();
  CHECK_FALSE(has_children());
}

TEST_CASE("an executor that was shut down ends its work and then its workers") {
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(1);
  const auto first = loop.run_in_executor(pool, divide_there, 6, 3);
  const auto second = loop.run_in_executor(pool, divide_there, 9, 3);
  pool.shutdown();
  CHECK_THROWS_AS(static_cast<void>(loop.run_in_executor(pool, divide_there, 1, 1)),
                  aio::RuntimeError);
  loop.run_until_complete(pool.join());
  CHECK(first.result() == 2);
  CHECK(second.result() == 3);
  CHECK_FALSE(has_children());
}

TEST_CASE("calls are made and workers end when the last handle of their executor is dropped") {
  aio::EventLoop loop;
  std::vector<aio::Future<int>> futures;
  {
    const aio::ProcessPoolExecutor pool(2);
    for (int i = 0; i < 5; ++i) futures.push_back(loop.run_in_executor(pool, divide_there, i, 1));
  }
  for (std::size_t i = 0; i < futures.size(); ++i) {
    CHECK(loop.run_until_complete(futures[i]) == static_cast<int>(i));
  }
  futures.clear();
  loop.close();
  CHECK_FALSE(has_children());
}

TEST_CASE("workers end, busy and idle ones, when their program is killed") {
  const TemporaryFolder folder;
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // the orphans become this process's children
  const pid_t program = fork();
  if (program == 0) {
    execl("/proc/self/exe", "program", "--hold-and-die", folder.path().c_str(), nullptr);
    _exit(1);
  }
  int status = 0;
  REQUIRE(waitpid(program, &status, 0) == program);
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
  for (const char* name : {"busy", "idle"}) {
    CAPTURE(name);
    const auto lines = lines_of((folder.path() / name).string());
    REQUIRE(lines.size() == 1);
    CHECK(waitpid(std::stoi(lines[0]), &status, 0) == std::stoi(lines[0]));
    CHECK(WIFEXITED(status));
  }
  CHECK_FALSE(has_children());
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_CASE("random cancellations of calls leave nothing behind") {
  constexpr unsigned seed = 20261123;
  CAPTURE(seed);
  aio::run(cancel_at_random(seed));
  CHECK_FALSE(has_children());
}

TEST_CASE("a program whose main() does not ask whether it is a worker is told so") {
  std::FILE* const pipe = popen(AIO_PROCESS_FORGETFUL " 2>&1", "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 512> buffer{};
  for (std::size_t count; (count = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    text.append(buffer.data(), count);
  }
  CHECK(pclose(pipe) == 0);
  CHECK(contains(text, "is not to start workers before its main() has called"));
  CHECK(contains(text, "was killed by signal 6 (Aborted) before it was ready; does main() begin"));
}
