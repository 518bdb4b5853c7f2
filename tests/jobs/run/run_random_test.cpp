#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "jobs/run/run.hpp"
#include "jobs/run/run_support.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Executor;
using support::MemoryFile;
using support::RunTest;

/// One run with everything about it drawn from a seed.
class Scenario {
 public:
  explicit Scenario(unsigned seed) : random_(seed) {}

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  bool one_in(unsigned count) { return below(count) == 0; }

  jobs::RunOptions options() {
    jobs::RunOptions options;
    if (one_in(4)) options.executor = one_in(2) ? Executor::loop : Executor::thread;
    if (one_in(3)) options.max_open_jobs = 1 + below(4);
    return options;
  }

  /// A job as a line of a list; some lines are none.
  std::string line(bool may_be_slow) {
    std::string text = "{";
    if (one_in(3)) text += "\"id\": \"id-" + std::to_string(below(1000)) + "\", ";
    if (one_in(4))
      text += std::string("\"executor\": \"") + (one_in(2) ? "loop" : "thread") + "\", ";
    switch (below(may_be_slow ? 7 : 6)) {
      case 0: return one_in(2) ? "\n" : "nonsense\n";
      case 1: return text + countdown(below(4), one_in(2) ? "0" : "\"1ms\"");
      case 2: return text + countdown(1 + below(3), "\"" + std::to_string(below(2000)) + "ms\"");
      case 3: return text + "\"kind\": \"prime\", \"numbers\": [2, 4, \"561\"]}\n";
      case 4: return text + "\"kind\": \"prime\", \"numbers_from\": \"/no/such/file\"}\n";
      case 5: return text + "\"kind\": \"prime\", \"number\": 9637529763296797}\n";
      default:
        return text + "\"kind\": \"prime\", \"number\": 18446744073709551557, " +
               "\"method\": \"trial_division\"}\n";
    }
  }

  /// Stops come after some time or after some turns, with or without a grace, once or twice.
  aio::Task<void> plan_stops(RunTest& test) {
    if (one_in(2)) {
      test.stop_after(1ms * below(3000), 1ms * below(3000));
      test.stop_now_after(1ms * (3000 + below(3000)));
    }
    return test.loop.create_task(stop_in_turns(test, 1 + below(60), below(60), one_in(2)));
  }

 private:
  static std::string countdown(unsigned from, const std::string& interval) {
    return "\"kind\": \"countdown\", \"from\": " + std::to_string(from) +
           ", \"interval\": " + interval + "}\n";
  }

  static aio::Coro<void> stop_in_turns(RunTest& test, unsigned turns, unsigned more, bool grace) {
    for (unsigned i = 0; i < turns; ++i) co_await aio::sleep(0);
    if (grace) test.run.stop(aio::saturating_add(test.loop.time(), 1s));
    for (unsigned i = 0; grace && i < more; ++i) co_await aio::sleep(0);
    test.run.stop_now();
  }

  std::mt19937 random_;
};

/// The jobs of the lines that are valid, the first of each id.
std::vector<jobs::Job> as_list(const std::string& text) {
  jobs::ChunkContext context({}, std::nullopt);
  jobs::Chunk lines;
  lines.text = text;
  return jobs::parse_chunk(lines, context).jobs;
}

void play(unsigned seed) {
  CAPTURE(seed);
  Scenario scenario(seed);
  const bool stops = scenario.one_in(2);
  const unsigned workers = 1 + scenario.below(3);
  RunTest test(aio::testing::virtual_time, workers, scenario.options());
  std::string text;
  for (unsigned i = scenario.below(scenario.one_in(4) ? 600 : 30); i > 0; --i) {
    text += scenario.line(stops && scenario.one_in(3));
  }
  const auto all = as_list(text);
  aio::Task<void> stopping;
  if (stops) stopping = scenario.plan_stops(test);
  if (scenario.one_in(2)) {
    test.work(all);
    CHECK(test.run.counts().accepted == all.size());
  } else {
    const MemoryFile file(text);
    jobs::LineReader lines(file.fd(), {});
    test.work(lines);  // checks that each job has one result or is left
    CHECK((test.run.left_work() || test.run.counts().accepted == all.size()));
  }
  if (stops) test.loop.run_until_complete(stopping);
  if (!stops) CHECK(test.run.counts().succeeded + test.run.counts().failed == all.size());
  if (!stops) CHECK_FALSE(test.run.left_work());
}

}  // namespace

TEST_SUITE_BEGIN("run_random");

TEST_CASE("whatever the jobs and whenever the stop each job has one result or is left") {
  for (unsigned seed = 1; seed <= 220; ++seed) play(seed);
}
