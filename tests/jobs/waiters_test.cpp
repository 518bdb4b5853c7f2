#include "jobs/waiters.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/await.hpp"
#include "support/loop_test.hpp"

namespace {

using namespace std::chrono_literals;

aio::Coro<void> note_when(jobs::Waiters& waiters, const int& value, int wanted, std::string& log) {
  co_await waiters.until([&value, wanted] { return value >= wanted; });
  log += std::to_string(wanted);
}

}  // namespace

TEST_SUITE_BEGIN("waiters");

TEST_CASE("what holds already is not waited for") {
  aio::EventLoop loop;
  jobs::Waiters waiters;
  const auto before = loop.turn_count();
  loop.run_until_complete(waiters.until([] { return true; }));
  CHECK(loop.turn_count() - before <= 2);
}

TEST_CASE("waking all resumes those for whom it holds and no others") {
  aio::EventLoop loop;
  jobs::Waiters waiters;
  int value = 0;
  std::string log;
  for (const int wanted : {1, 2, 1, 3}) {
    loop.create_task(note_when(waiters, value, wanted, log));
  }
  support::run_turns(loop, 3);
  CHECK(log.empty());
  value = 1;
  support::run_turns(loop, 3);
  CHECK(log.empty());  // nobody was told
  waiters.wake_all();
  support::run_turns(loop, 3);
  CHECK(log == "11");
  value = 3;
  waiters.wake_all();
  support::run_turns(loop, 3);
  CHECK(log == "1123");
}

TEST_CASE("who looked too late goes on waiting") {
  aio::EventLoop loop;
  jobs::Waiters waiters;
  int value = 0;
  std::string log;
  const auto task = loop.create_task(note_when(waiters, value, 1, log));
  support::run_turns(loop, 2);
  value = 1;
  waiters.wake_all();
  value = 0;  // taken back before anybody could look
  support::run_turns(loop, 3);
  CHECK_FALSE(task.done());
  value = 1;
  waiters.wake_all();
  support::run_turns(loop, 3);
  CHECK(task.done());
}

TEST_CASE("a wait that was cancelled does not disturb the others") {
  aio::EventLoop loop;
  jobs::Waiters waiters;
  int value = 0;
  std::string log;
  const auto cancelled = loop.create_task(note_when(waiters, value, 1, log));
  const auto other = loop.create_task(note_when(waiters, value, 1, log));
  support::run_turns(loop, 2);
  cancelled.cancel();
  value = 1;
  waiters.wake_all();
  support::run_turns(loop, 3);
  CHECK(cancelled.cancelled());
  CHECK(other.done());
  CHECK(log == "1");
}

TEST_CASE("as many are woken as are asked for, in the order of their coming") {
  aio::EventLoop loop;
  jobs::Waiters waiters;
  int value = 0;
  std::string log;
  for (const int wanted : {1, 2, 3, 4}) {
    loop.create_task(note_when(waiters, value, wanted, log));
  }
  support::run_turns(loop, 3);
  value = 4;
  waiters.wake(1);
  support::run_turns(loop, 3);
  CHECK(log == "1");
  waiters.wake(2);
  support::run_turns(loop, 3);
  CHECK(log == "123");
  waiters.wake(100);
  support::run_turns(loop, 3);
  CHECK(log == "1234");
}

TEST_CASE("a wake goes past a wait that was cancelled before") {
  aio::EventLoop loop;
  jobs::Waiters waiters;
  int value = 0;
  std::string log;
  const auto cancelled = loop.create_task(note_when(waiters, value, 1, log));
  const auto other = loop.create_task(note_when(waiters, value, 1, log));
  support::run_turns(loop, 2);
  cancelled.cancel();
  support::run_turns(loop, 3);
  value = 1;
  waiters.wake(1);
  support::run_turns(loop, 3);
  CHECK(other.done());
}

TEST_CASE("a wake that is overtaken by a cancellation goes to the next in line") {
  aio::EventLoop loop;
  jobs::Waiters waiters;
  int value = 0;
  std::string log;
  const auto cancelled = loop.create_task(note_when(waiters, value, 1, log));
  const auto other = loop.create_task(note_when(waiters, value, 1, log));
  support::run_turns(loop, 2);
  value = 1;
  waiters.wake(1);
  cancelled.cancel();
  support::run_turns(loop, 4);
  CHECK(cancelled.cancelled());
  CHECK(other.done());
}
