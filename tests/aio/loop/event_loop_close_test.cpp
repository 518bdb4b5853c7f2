#include <doctest/doctest.h>

#include <csignal>
#include <optional>

#include "aio/event_loop.hpp"
#include "aio/testing.hpp"
#include "support/loop_test.hpp"

using namespace support;

namespace {

aio::Coro<void> close_running(aio::EventLoop& loop) {
  CHECK_THROWS_AS(loop.close(), aio::RuntimeError);
  co_return;
}

aio::Coro<void> mark(bool& started) {
  started = true;
  co_return;
}

struct Cleanup {
  bool cancelled = false;
  bool ended = false;
  std::string error;
};

/// Waits for ever, and cleans up for an hour.
aio::Coro<void> wait_and_clean_up(aio::EventLoop& loop, Cleanup& cleanup) {
  try {
    co_await loop.create_future();
  } catch (const aio::CancelledError&) {
    cleanup.cancelled = true;
  }
  loop.stop();
  try {
    loop.close();
  } catch (const aio::RuntimeError& error) {
    cleanup.error = error.what();
  }
  co_await aio::sleep(1h);
  cleanup.ended = true;
}

aio::Coro<void> fail_when_cancelled(aio::EventLoop& loop) {
  try {
    co_await loop.create_future();
  } catch (const aio::CancelledError&) {
    throw std::runtime_error("no luck");
  }
}

aio::Coro<void> spawn_when_cancelled(int& left) {
  bool cancelled = false;
  try {
    co_await aio::sleep(1h);
  } catch (const aio::CancelledError&) {
    cancelled = true;
  }
  if (!cancelled || --left == 0) co_return;
  static_cast<void>(aio::create_task(spawn_when_cancelled(left), "next"));
  for (int i = 0; i < 2; ++i) co_await aio::sleep(0);  // the next one has started then
}

}  // namespace

TEST_CASE("[L9] close refuses while the loop runs and twice does nothing") {
  aio::EventLoop loop;
  CHECK_FALSE(loop.is_closed());
  loop.run_until_complete(close_running(loop));
  CHECK_FALSE(loop.is_closed());
  loop.close();
  CHECK(loop.is_closed());
  loop.close();
  CHECK(loop.is_closed());
}

TEST_CASE("[L9] after close every call that schedules or runs or registers throws") {
  aio::EventLoop loop;
  const Pipe pipe;
  const auto future = loop.create_future();
  const aio::ThreadPoolExecutor executor(1);
  loop.close();
  const auto nothing = [] {};
  bool started = false;
  CHECK_THROWS_AS(loop.call_soon(nothing), aio::RuntimeError);
  CHECK_THROWS_AS(loop.call_soon_threadsafe(nothing), aio::RuntimeError);
  CHECK_THROWS_AS(loop.call_later(1s, nothing), aio::RuntimeError);
  CHECK_THROWS_AS(loop.call_at(loop.time(), nothing), aio::RuntimeError);
  CHECK_THROWS_AS(loop.run_forever(), aio::RuntimeError);
  CHECK_THROWS_AS(loop.run_until_complete(mark(started)), aio::RuntimeError);
  CHECK_THROWS_AS(loop.run_until_complete(future), aio::RuntimeError);
  CHECK_THROWS_AS(static_cast<void>(loop.create_task(mark(started))), aio::RuntimeError);
  CHECK_THROWS_AS(static_cast<void>(loop.run_in_executor(nullptr, nothing)), aio::RuntimeError);
  CHECK_THROWS_AS(static_cast<void>(loop.run_in_executor(executor, nothing)), aio::RuntimeError);
  CHECK_THROWS_AS(loop.set_default_executor(executor), aio::RuntimeError);
  CHECK_THROWS_AS(loop.add_signal_handler(SIGUSR1, nothing), aio::RuntimeError);
  CHECK_THROWS_AS(loop.add_reader(pipe.reader(), nothing), aio::RuntimeError);
  CHECK_THROWS_AS(loop.add_writer(pipe.writer(), nothing), aio::RuntimeError);
  CHECK_FALSE(loop.remove_reader(pipe.reader()));
  CHECK_FALSE(loop.remove_signal_handler(SIGUSR1));
  CHECK_FALSE(started);
}

TEST_CASE("close cancels tasks that are left and reports them by name") {
  ReportLog log;
  aio::EventLoop loop;
  log.listen_to(loop);
  bool started = false;
  const auto unstarted = loop.create_task(mark(started), "unstarted");
  const auto sleeping = loop.create_task(aio::sleep(1h), "sleeping");
  loop.close();
  CHECK_FALSE(started);
  CHECK(unstarted.cancelled());
  CHECK(sleeping.cancelled());
  REQUIRE(log.reports.size() == 2);
  CHECK(log.reports[0].message.find("'unstarted' was pending") != std::string::npos);
  CHECK(log.reports[1].source.find("'sleeping'") != std::string::npos);
}

TEST_CASE("close waits for what cancelled tasks still do whatever they ask of the loop") {
  ReportLog log;
  Cleanup cleanup;
  aio::EventLoop loop(aio::testing::virtual_time);
  log.listen_to(loop);
  const auto task = loop.create_task(wait_and_clean_up(loop, cleanup));
  run_turns(loop, 2);
  CHECK_FALSE(cleanup.cancelled);
  loop.close();
  CHECK(cleanup.cancelled);
  CHECK(cleanup.ended);
  CHECK(cleanup.error == "Cannot close a running event loop");
  CHECK(task.done());
  CHECK_FALSE(task.cancelled());
  CHECK(loop.is_closed());
}

TEST_CASE("close reports with its name a task that failed when it was cancelled") {
  ReportLog log;
  aio::EventLoop loop;
  log.listen_to(loop);
  static_cast<void>(loop.create_task(fail_when_cancelled(loop), "unlucky"));
  run_turns(loop, 1);
  loop.close();
  REQUIRE(log.reports.size() == 2);
  CHECK(log.reports[1].message.find("'unlucky' failed") != std::string::npos);
  CHECK(text_of(log.reports[1].exception) == "no luck");
}

TEST_CASE("close ends tasks too that were made while it ended others") {
  ReportLog log;
  aio::EventLoop loop;
  log.listen_to(loop);
  int left = 5;
  static_cast<void>(loop.create_task(spawn_when_cancelled(left), "first"));
  run_turns(loop, 1);
  loop.close();
  CHECK(left == 0);
  CHECK(log.reports.size() == 5);
  CHECK(aio::all_tasks(loop).empty());
}

TEST_CASE("close drops callbacks that have not run and frees what they hold") {
  int alive = 0;
  bool ran = false;
  aio::EventLoop loop;
  const auto callback = [&ran, counted = Counted(alive)] { ran = true; };
  const int here = alive;
  loop.call_soon(callback);
  loop.call_later(1h, callback);
  loop.call_soon_threadsafe(callback);
  loop.create_future().add_done_callback([callback](const aio::AnyFuture&) { callback(); });
  CHECK(alive == here + 3);  // the future nobody holds went at once
  loop.close();
  CHECK(alive == here);
  CHECK_FALSE(ran);
}

TEST_CASE("what a dropped callback holds may call the loop that is closing") {
  struct CallsBack {
    explicit CallsBack(aio::EventLoop& told, int& count) : loop(&told), refused(&count) {}
    CallsBack(CallsBack&& other) noexcept
        : loop(std::exchange(other.loop, nullptr)), refused(other.refused) {}
    ~CallsBack() {
      if (!loop) return;
      try {
        loop->call_soon_threadsafe([] {});
      } catch (const aio::RuntimeError&) {
        ++*refused;
      }
    }
    aio::EventLoop* loop;
    int* refused;
  };
  aio::EventLoop loop;
  int refused = 0;
  loop.call_soon_threadsafe([held = CallsBack(loop, refused)] {});
  loop.call_soon([held = CallsBack(loop, refused)] {});
  loop.close();
  CHECK(refused == 2);
}

TEST_CASE("futures and handles that outlive their loop are safe to use and to drop") {
  std::optional<aio::EventLoop> loop(std::in_place);
  ReportLog log;
  log.listen_to(*loop);
  const auto future = loop->create_future<int>();
  auto pending = loop->create_future();
  const auto task = loop->create_task(aio::sleep(1h), "sleeper");
  const aio::Handle soon = loop->call_soon([] {});
  const aio::Handle outside = loop->call_soon_threadsafe([] {});
  const aio::TimerHandle later = loop->call_later(1h, [] {});
  bool called = false;
  const auto on_done = future.add_done_callback([&](const aio::AnyFuture&) { called = true; });
  loop.reset();

  future.set_result(3);
  CHECK(future.result() == 3);
  future.add_done_callback([&](const aio::AnyFuture&) { called = true; });
  CHECK(future.remove_done_callback(on_done) == 0);
  CHECK(pending.cancel());
  CHECK(task.cancelled());
  CHECK(task.get_name() == "sleeper");
  CHECK_FALSE(task.cancel());
  soon.cancel();
  outside.cancel();
  later.cancel();
  CHECK(outside.cancelled());
  CHECK_FALSE(called);
}
