#include "jobs/kinds/countdown/work.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "jobs/output/record.hpp"
#include "jobs/run/run_support.hpp"
#include "support/loop_test.hpp"

namespace {

using namespace std::chrono_literals;
using aio::TimePoint;
using jobs::CountdownWork;
using nlohmann::json;
using support::MemoryFile;
using support::parse_records;
using support::Pipe;

constexpr auto hundred_years = std::chrono::hours(24 * 36'525);

/// A countdown called `c` that has started.
class Started {
 public:
  Started(std::uint32_t from, jobs::Duration interval, TimePoint now = TimePoint(1s))
      : work_(std::make_shared<const jobs::Job>(
            jobs::Job{"c", std::nullopt, jobs::Countdown{from, interval}})) {
    work_.start(now);
  }
  CountdownWork* operator->() { return &work_; }
  const CountdownWork* operator->() const { return &work_; }
  CountdownWork& operator*() { return work_; }
  const CountdownWork& operator*() const { return work_; }

  /// Makes the next tick.
  void tick(std::string& out, TimePoint now) {
    out += work_.next_tick(now);
    work_.count_tick(now);
  }

 private:
  CountdownWork work_;
};

json finish(const CountdownWork& work, TimePoint now) {
  std::string out;
  const jobs::Ending ending = work.ending(now);
  append(out, jobs::ResultRecord{"c", "countdown", 1, ending});
  const auto records = parse_records(out);
  REQUIRE(records.size() == 1);
  CHECK(records[0]["state"] == jobs::to_string(ending.state));
  return records[0];
}

/// A loop and an output on it, closed in order.
struct Counting {
  explicit Counting(int fd) : output(loop, fd) { std::signal(SIGPIPE, SIG_IGN); }
  Counting(aio::testing::VirtualTime time, int fd) : loop(time), output(loop, fd) {}
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;
  ~Counting() {
    CHECK(aio::all_tasks(loop).empty());
    loop.close();
  }

  aio::EventLoop loop;
  jobs::Output output;
};

}  // namespace

TEST_SUITE_BEGIN("countdown");

TEST_CASE("each tick is due at the start and so many intervals") {
  Started run(3, 800ms);
  CHECK(run->earliest_end() == TimePoint(1s + 2400ms));
  std::string out;
  for (int k = 1; k <= 3; ++k) {
    CHECK_FALSE(run->is_over());
    CHECK(run->next_due() == TimePoint(1s + k * 800ms));
    run.tick(out, run->next_due() + 3ms * k);  // lateness does not add up
  }
  CHECK(run->is_over());
  const auto ticks = parse_records(out);
  REQUIRE(ticks.size() == 3);
  CHECK(ticks[0]["value"] == 3);
  CHECK(ticks[2]["value"] == 1);
  CHECK(ticks[1]["elapsed_ms"] == doctest::Approx(1606));
  CHECK(ticks[1]["lateness_ms"] == doctest::Approx(6));
  const json result = finish(*run, TimePoint(4s));
  CHECK(result["state"] == "succeeded");
  CHECK(result["duration_ns"] == 3'000'000'000);
  CHECK(result["result"]["ticks"] == 3);
  CHECK(result["result"]["lateness_ms_max"] == doctest::Approx(9));
}

TEST_CASE("a countdown from 0 is over when it starts") {
  const Started run(0, 1s);
  CHECK(run->is_over());
  CHECK(run->earliest_end() == TimePoint(1s));
  const json result = finish(*run, TimePoint(1s));
  CHECK(result["state"] == "succeeded");
  CHECK(result["result"]["ticks"] == 0);
}

TEST_CASE("without an interval all ticks are due at once") {
  CHECK(Started(1'000'000'000, 0s)->earliest_end() == TimePoint(1s));
}

TEST_CASE("the farthest tick does not overflow") {
  const Started run(1'000'000'000, hundred_years);
  CHECK(run->next_due() == TimePoint(1s + hundred_years));
  CHECK(run->earliest_end() == TimePoint::max());
  const auto late = TimePoint(aio::Duration::max() - 1s);
  CHECK(Started(1, hundred_years, late)->next_due() == TimePoint::max());
}

TEST_CASE("a countdown that was stopped is interrupted") {
  Started run(2, 1s);
  std::string out;
  run.tick(out, run->next_due());
  const json result = finish(*run, TimePoint(2500ms));
  CHECK(result["state"] == "interrupted");
  CHECK(result["error"]["code"] == "shutdown");
  CHECK(result["duration_ns"] == 1'500'000'000);
}

TEST_CASE("on the loop each tick comes at its time to the nanosecond") {
  const MemoryFile file;
  Counting counting(aio::testing::virtual_time, file.fd());
  Started run(1000, 24h, counting.loop.time());
  counting.loop.run_until_complete(run->work(counting.output));
  counting.loop.run_until_complete(counting.output.flush());
  const auto ticks = parse_records(file.text());
  REQUIRE(ticks.size() == 1000);
  CHECK(ticks[999]["elapsed_ms"] == doctest::Approx(1000.0 * 86'400'000).epsilon(1e-12));
  for (const json& tick : ticks) CHECK(tick["lateness_ms"] == 0.0);
}

TEST_CASE("on the loop a countdown without an interval lets others run") {
  const MemoryFile file;
  Counting counting(file.fd());
  Started run(100'000'000, 0s, counting.loop.time());
  const auto task = counting.loop.create_task(run->work(counting.output));
  counting.loop.run_until_complete(aio::sleep(5ms));
  CHECK_FALSE(task.done());
  task.cancel();
  support::run_turns(counting.loop, 3);
  CHECK(task.cancelled());
}

TEST_CASE("on the loop ticks wait for a reader that is slow") {
  Pipe pipe;
  Counting counting(pipe.writer());
  counting.output.write(std::string(2'000'000, '\n'));
  Started run(1, 0s, counting.loop.time());
  const auto task = counting.loop.create_task(run->work(counting.output));
  counting.loop.run_until_complete(aio::sleep(2ms));
  CHECK_FALSE(run->is_over());
  pipe.close_reader();
  counting.loop.run_until_complete(task);
  CHECK(run->is_over());
}

namespace {

/// Runs a blocking countdown on a thread beside the loop.
aio::Future<void> on_pool(Counting& counting, CountdownWork& run, std::stop_token stop) {
  return counting.loop.run_in_executor(aio::ThreadPoolExecutor(1), &CountdownWork::work_blocking,
                                       &run, std::ref(counting.loop), std::ref(counting.output),
                                       std::move(stop));
}

}  // namespace

TEST_CASE("on a thread each tick is written and none is early") {
  const MemoryFile file;
  Counting counting(file.fd());
  Started run(3, 20ms, counting.loop.time());
  counting.loop.run_until_complete(on_pool(counting, *run, {}));
  counting.loop.run_until_complete(counting.output.flush());
  CHECK(run->is_over());
  const auto ticks = parse_records(file.text());
  REQUIRE(ticks.size() == 3);
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(ticks[k]["value"] == 3 - k);
    CHECK(ticks[k]["elapsed_ms"].get<double>() >= 20.0 * static_cast<double>(k + 1));
    CHECK(ticks[k]["lateness_ms"].get<double>() >= 0);
  }
}

TEST_CASE("on a thread a stop is seen at once") {
  const MemoryFile file;
  Counting counting(file.fd());
  std::stop_source stop;
  Started run(2, hundred_years, counting.loop.time());
  const auto future = on_pool(counting, *run, stop.get_token());
  counting.loop.run_until_complete(aio::sleep(5ms));
  CHECK_FALSE(future.done());
  const auto asked = aio::Clock::now();
  stop.request_stop();
  counting.loop.run_until_complete(future);
  CHECK(aio::Clock::now() - asked < 100ms);
  CHECK_FALSE(run->is_over());
}

TEST_CASE("on a thread a tick that a slow reader kept back is not counted") {
  Pipe pipe;
  Counting counting(pipe.writer());
  counting.output.write(std::string(2'000'000, '\n'));
  std::stop_source stop;
  Started run(1, 0s, counting.loop.time());
  const auto future = on_pool(counting, *run, stop.get_token());
  counting.loop.run_until_complete(aio::sleep(30ms));
  CHECK_FALSE(future.done());  // it waits for room
  const auto asked = aio::Clock::now();
  stop.request_stop();
  counting.loop.run_until_complete(future);
  CHECK(aio::Clock::now() - asked < 100ms);
  CHECK_FALSE(run->is_over());
  while (!counting.output.is_flushed()) {
    CHECK(pipe.read().find('{') == std::string::npos);
    support::run_turns(counting.loop, 1);
  }
  std::string rest;
  for (std::string text; !(text = pipe.read()).empty();) rest += text;
  CHECK(rest.find('{') == std::string::npos);
}
