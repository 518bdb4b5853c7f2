// What becomes of workers whose run nobody sees to its end: whoever closes the loop waits for them.

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>

#include "jobs/run/held_run.hpp"
#include "support/memory_file.hpp"

namespace {

using namespace std::chrono_literals;
using support::chunks_of_one;
using support::HeldRun;
using support::Hold;
using support::MemoryFile;

}  // namespace

TEST_SUITE_BEGIN("run_abandon");

TEST_CASE("an abandoned run keeps no worker waiting for the ids of a chunk that will not come") {
  for (int round = 1; round <= 5; ++round) {
    const MemoryFile list(chunks_of_one(8, true));
    const MemoryFile out;
    HeldRun held(list.fd(), 2, out.fd());
    held.keep_workers();
    Hold& first = held.hold_worker();
    held.hold_worker();
    held.start();
    held.fill_feed();
    // One worker begins the first chunk, and the third. The second one's call waits for the other
    // worker, and the third one's ids for that.
    Hold& next = held.hold_worker();
    first.let_go();
    std::this_thread::sleep_for(1ms * round);
    held.run.abandon();
    REQUIRE(next.has_come());
  }
}

TEST_CASE("an abandoned run keeps no worker with what it was at") {
  const MemoryFile list(
      R"({"kind": "countdown", "from": 1, "interval": "45s", "executor": "thread"})");
  const MemoryFile out;
  HeldRun held(list.fd(), 1, out.fd());
  held.keep_workers();
  held.start();
  const auto end = aio::Clock::now() + support::patience;
  while (held.run.counts().accepted == 0 && aio::Clock::now() < end) {
    support::run_turns(held.loop, 1);
  }
  held.run_until_open_jobs(1);
  Hold& next = held.hold_worker();
  held.run.abandon();
  CHECK(next.has_come());
}
