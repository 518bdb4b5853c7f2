#include "jobs/condition.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/await.hpp"
#include "support/loop_test.hpp"

namespace {

using namespace std::chrono_literals;

aio::Coro<void> note_when(jobs::Condition& condition, const int& value, int wanted,
                          std::string& log) {
  co_await condition.until([&value, wanted] { return value >= wanted; });
  log += std::to_string(wanted);
}

}  // namespace

TEST_SUITE_BEGIN("condition");

TEST_CASE("what holds already is not waited for") {
  aio::EventLoop loop;
  jobs::Condition condition;
  const auto before = loop.turn_count();
  loop.run_until_complete(condition.until([] { return true; }));
  CHECK(loop.turn_count() - before <= 2);
}

TEST_CASE("a notification wakes those for whom it holds and no others") {
  aio::EventLoop loop;
  jobs::Condition condition;
  int value = 0;
  std::string log;
  for (const int wanted : {1, 2, 1, 3}) {
    loop.create_task(note_when(condition, value, wanted, log));
  }
  support::run_turns(loop, 3);
  CHECK(log.empty());
  value = 1;
  support::run_turns(loop, 3);
  CHECK(log.empty());  // nobody was told
  condition.notify();
  support::run_turns(loop, 3);
  CHECK(log == "11");
  value = 3;
  condition.notify();
  support::run_turns(loop, 3);
  CHECK(log == "1123");
}

TEST_CASE("who looked too late goes on waiting") {
  aio::EventLoop loop;
  jobs::Condition condition;
  int value = 0;
  std::string log;
  const auto task = loop.create_task(note_when(condition, value, 1, log));
  support::run_turns(loop, 2);
  value = 1;
  condition.notify();
  value = 0;  // taken back before anybody could look
  support::run_turns(loop, 3);
  CHECK_FALSE(task.done());
  value = 1;
  condition.notify();
  support::run_turns(loop, 3);
  CHECK(task.done());
}

TEST_CASE("a wait that was cancelled does not disturb the others") {
  aio::EventLoop loop;
  jobs::Condition condition;
  int value = 0;
  std::string log;
  const auto cancelled = loop.create_task(note_when(condition, value, 1, log));
  const auto other = loop.create_task(note_when(condition, value, 1, log));
  support::run_turns(loop, 2);
  cancelled.cancel();
  value = 1;
  condition.notify();
  support::run_turns(loop, 3);
  CHECK(cancelled.cancelled());
  CHECK(other.done());
  CHECK(log == "1");
}
