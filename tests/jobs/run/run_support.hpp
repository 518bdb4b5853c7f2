#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aio/testing.hpp"
#include "jobs/output/output.hpp"
#include "jobs/run/run.hpp"
#include "jobs/run/source.hpp"
#include "support/memory_file.hpp"

namespace support {

using namespace std::chrono_literals;

inline jobs::Job prime(std::string id, std::string_view number,
                       primes::Algorithm method = primes::Algorithm::automatic,
                       std::optional<jobs::Executor> executor = {}) {
  return {std::move(id), executor, jobs::Prime{primes::Integer::parse(number).value(), method}};
}

/// A check that takes seconds: the largest prime below 2^64 by trial division, or another number.
inline jobs::Job slow_prime(std::string id, std::uint64_t number = 18'446'744'073'709'551'557U,
                            std::optional<jobs::Executor> executor = {}) {
  return prime(std::move(id), std::to_string(number), primes::Algorithm::trial_division, executor);
}

inline jobs::Job countdown(std::string id, std::uint32_t from, jobs::Duration interval,
                           std::optional<jobs::Executor> executor = {}) {
  return {std::move(id), executor, jobs::Countdown{from, interval}};
}

/// Each line as the JSON object that it has to be.
inline std::vector<nlohmann::json> parse_records(const std::string& text) {
  std::vector<nlohmann::json> records;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    REQUIRE(end != std::string_view::npos);
    records.push_back(nlohmann::json::parse(rest.substr(0, end)));
    rest.remove_prefix(end + 1);
  }
  return records;
}

/// A run, the loop that it is on, and a file for its records; the loop is closed first.
class RunTest {
 public:
  explicit RunTest(unsigned workers = 2, const jobs::RunOptions& options = {})
      : output(loop, file.fd()), run(loop, output, aio::ThreadPoolExecutor(workers), options) {}
  /// On virtual time.
  RunTest(aio::testing::VirtualTime time, unsigned workers, const jobs::RunOptions& options = {})
      : loop(time),
        output(loop, file.fd()),
        run(loop, output, aio::ThreadPoolExecutor(workers), options) {}
  RunTest(const RunTest&) = delete;
  RunTest& operator=(const RunTest&) = delete;
  ~RunTest() {
    CHECK(aio::all_tasks(loop).empty());
    loop.close();
  }

  /// Works to the end, and until everything is written.
  void work(std::vector<jobs::Job> list) {
    jobs::ListSource source(std::move(list));
    finish(run.work(source));
  }
  void work(jobs::LineReader& lines) {
    jobs::LineSource source(lines, {});
    finish(run.work(source));
  }

  void finish(aio::Coro<void> work) {
    loop.run_until_complete(std::move(work));
    loop.run_until_complete(output.flush());
    check_accounts();
  }

  /// Has the run told to stop after `delay`, as by a first signal with this grace.
  void stop_after(aio::Duration delay, aio::Duration grace) {
    loop.call_later(delay, [this, grace] { run.stop(aio::saturating_add(loop.time(), grace)); });
  }
  /// The same once something has come about; so many successes, say.
  void stop_when(std::function<bool()> holds, aio::Duration grace) {
    loop.create_task(wait_and_stop(std::move(holds), grace));
  }
  /// Once this many checks have begun: exactly these can be interrupted then.
  void stop_when_begun(std::size_t checks, aio::Duration grace) {
    stop_when([this, checks] { return run.begun_checks() == checks; }, grace);
  }
  void stop_now_when_begun(std::size_t checks) { stop_when_begun(checks, aio::Duration::min()); }
  /// The same with a grace, which is ended before any of them can end.
  void stop_twice_when_begun(std::size_t checks) {
    stop_when_begun(checks, 1h);
    loop.create_task(stop_now_after_stop(checks));
  }
  void stop_after_successes(std::uint64_t successes, aio::Duration grace) {
    stop_when([this, successes] { return run.counts().succeeded >= successes; }, grace);
  }
  void stop_now_after_successes(std::uint64_t successes) {
    stop_after_successes(successes, aio::Duration::min());
  }
  void stop_now_after(aio::Duration delay) {
    loop.call_later(delay, [this] { run.stop_now(); });
  }

  std::vector<nlohmann::json> records() const { return parse_records(file.text()); }
  std::vector<nlohmann::json> records(std::string_view event) const {
    std::vector<nlohmann::json> found;
    for (auto& record : records()) {
      if (record["event"] == event) found.push_back(std::move(record));
    }
    return found;
  }
  /// How each job ended. No job may have ended twice.
  std::map<std::string, std::string> states() const {
    std::map<std::string, std::string> states;
    for (const auto& record : records("result")) {
      const bool first = states.emplace(record["job_id"], record["state"]).second;
      CHECK_MESSAGE(first, record.dump());
    }
    return states;
  }
  /// The counts that the records give.
  void check_accounts() const {
    jobs::Counts told;
    for (const auto& [id, state] : states()) {
      if (state == "succeeded") ++told.succeeded;
      if (state == "failed") ++told.failed;
      if (state == "interrupted") ++told.interrupted;
      ++told.accepted;
    }
    told.rejected = records("rejected").size();
    const jobs::Counts counts = run.counts();
    told.left = counts.accepted - told.accepted;
    told.accepted = counts.accepted;
    CHECK(counts == told);
    CHECK(counts.left <= counts.accepted);
    CHECK(run.open_jobs() == 0);
  }

  aio::Coro<void> stop_now_after_stop(std::size_t checks) {
    while (run.begun_checks() < checks) co_await aio::sleep(1ms);
    for (int turn = 0; turn < 10; ++turn) co_await aio::sleep(1ms);
    CHECK(run.counts().interrupted == 0);
    run.stop_now();
  }

  aio::Coro<void> wait_and_stop(std::function<bool()> holds, aio::Duration grace) {
    while (!holds()) co_await aio::sleep(1ms);
    if (grace < 0s) {
      run.stop_now();
    } else {
      run.stop(aio::saturating_add(loop.time(), grace));
    }
  }

  MemoryFile file;
  aio::EventLoop loop;
  jobs::Output output;
  jobs::Run run;
};

}  // namespace support
