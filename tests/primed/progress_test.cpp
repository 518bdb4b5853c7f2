#include "primed/progress.hpp"

#include <doctest/doctest.h>

#include "aio/testing.hpp"
#include "jobs/output/output.hpp"
#include "support/loop_test.hpp"
#include "support/memory_file.hpp"

namespace {

using namespace std::chrono_literals;
using primed::ProgressLine;

}  // namespace

TEST_SUITE_BEGIN("progress");

TEST_CASE("a line tells how much is done and how fast and how long it will take") {
  CHECK(ProgressLine{3, 6, 1500ms}.to_string() == "3 of 6 done, 2.0/s, 2 s left");
  CHECK(ProgressLine{850, 1'000'000, 1s}.to_string() ==
        "850 of 1000000 done, 850/s, 19.6 min left");
  CHECK(ProgressLine{1, 10'000, 2s}.to_string() == "1 of 10000 done, 0.5/s, 5.6 h left");
}

TEST_CASE("a line does not guess") {
  CHECK(ProgressLine{0, 6, 2s}.to_string() == "0 of 6 done");
  CHECK(ProgressLine{6, 6, 2s}.to_string() == "6 of 6 done, 3.0/s");
  CHECK(ProgressLine{12'345, {}, 1s}.to_string() == "12345 done, 12.3k/s");
  CHECK(ProgressLine{3, 6, 0s}.to_string() == "3 of 6 done");
}

TEST_CASE("large rates stay short") {
  CHECK(ProgressLine{9'999, {}, 1s}.to_string() == "9999 done, 9999/s");
  CHECK(ProgressLine{2'500'000, {}, 1s}.to_string() == "2500000 done, 2.5M/s");
}

TEST_CASE("where standard error is no terminal no line can be shown") {
  const support::CapturedStderr printed;
  CHECK_FALSE(primed::can_show_progress());
}

TEST_CASE("the line is brought up to date until the task is cancelled, which takes it away") {
  const support::MemoryFile results;
  const support::MemoryFile terminal;
  primed::Messages messages(terminal.fd());
  aio::EventLoop loop(aio::testing::virtual_time);
  jobs::Output output(loop, results.fd());
  jobs::Run run(loop, output, aio::ThreadPoolExecutor(1), {});
  const auto progress = loop.create_task(primed::show_progress(messages, run, 3));
  loop.run_until_complete(aio::sleep(500ms));
  progress.cancel();
  support::run_turns(loop, 3);
  CHECK(progress.cancelled());
  CHECK(terminal.text() == "\r\x1b[K0 of 3 done\r\x1b[K0 of 3 done\r\x1b[K");
  loop.close();
}
