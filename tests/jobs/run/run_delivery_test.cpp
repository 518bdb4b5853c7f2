// What workers leave for the loop while they go on: none of it may be lost, nor be more than fits.

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <thread>

#include "jobs/output/output_support.hpp"
#include "jobs/run/held_run.hpp"
#include "jobs/run/run.hpp"
#include "jobs/run/run_support.hpp"
#include "support/loop_test.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Counts;
using support::chunks_of_one;
using support::HeldRun;
using support::Hold;
using support::lines_of;
using support::MemoryFile;
using support::Pipe;
using support::read_slowly;

/// Stops a run whose worker has worked some chunks while the loop did not run. How many jobs were
/// counted before and after the stop, and in the end.
std::array<std::uint64_t, 3> stop_with_slices_delivered(const MemoryFile& out) {
  const MemoryFile list(chunks_of_one(8));
  HeldRun held(list.fd(), 1, out.fd());
  held.keep_workers();
  Hold& before_work = held.hold_worker();
  held.start();
  held.fill_feed();
  Hold& after_work = held.hold_worker();
  before_work.let_go();
  REQUIRE(after_work.has_come());
  const std::uint64_t before = held.run.counts().succeeded;
  held.run.stop(aio::TimePoint::max());
  const std::uint64_t after = held.run.counts().succeeded;
  after_work.let_go();
  held.finish();
  return {before, after, held.run.counts().succeeded};
}

constexpr unsigned many_workers = 5;

/// Has many workers wait for the ids of one chunk, with as many others begun as they will, and then
/// go on, all while the loop does not run. How many chunks they have left for the loop when none of
/// them goes on any further, and how many were worked in all.
std::array<std::uint64_t, 2> deliver_what_was_begun(const MemoryFile& out) {
  const MemoryFile list(chunks_of_one(64, true));
  HeldRun held(list.fd(), many_workers, out.fd());
  held.keep_workers();
  for (unsigned i = 0; i < many_workers; ++i) held.hold_worker();
  held.start();
  held.fill_feed();
  for (unsigned i = 0; i < many_workers; ++i) held.hold_worker();
  // All but one begin: the chunk whose call waits for that one keeps those behind it waiting.
  for (unsigned i = 1; i < many_workers; ++i) held.holds[i].let_go();
  std::this_thread::sleep_for(5ms);
  held.holds[0].let_go();
  for (unsigned i = 0; i < many_workers; ++i) REQUIRE(held.holds[many_workers + i].has_come());
  held.run.stop(aio::TimePoint::max());  // takes in what has been left
  const std::uint64_t delivered = held.run.counts().accepted;
  for (Hold& hold : held.holds) hold.let_go();
  held.finish();
  return {delivered, held.run.counts().succeeded};
}

}  // namespace

TEST_SUITE_BEGIN("run_delivery");

TEST_CASE("a stop takes in what workers have delivered and loses none of it") {
  // A worker that is held up for the 20 ms of a stay delivers nothing: then once more.
  for (int attempt = 0; attempt < 100; ++attempt) {
    const MemoryFile out;
    const auto [before, after, in_the_end] = stop_with_slices_delivered(out);
    CHECK(before == 0);
    const auto records = support::parse_records(out.text());
    REQUIRE(records.size() == in_the_end);
    for (std::size_t i = 0; i < records.size(); ++i) {
      CHECK(records[i]["job_id"] == "job-" + std::to_string(i + 1));
    }
    if (after > 0) {
      CHECK(in_the_end == after + 1);  // the chunk that the worker itself brought
      return;
    }
  }
  FAIL("a stop never found anything delivered");
}

TEST_CASE("workers leave the loop no more chunks than fit, but for those they had begun") {
  // However many times it is tried; once at least they have to have begun some.
  bool had_begun_some = false;
  for (int attempt = 0; attempt < 100 && !had_begun_some; ++attempt) {
    const MemoryFile out;
    const auto [delivered, in_the_end] = deliver_what_was_begun(out);
    CHECK(delivered <= 7 + 2 * many_workers);
    CHECK(in_the_end <= delivered + many_workers);  // what each brings itself
    had_begun_some = delivered > 7 + many_workers;
    const auto records = support::parse_records(out.text());
    REQUIRE(records.size() == in_the_end);
    std::set<std::string> ids;
    for (const auto& record : records) ids.insert(record["job_id"]);
    for (std::uint64_t i = 0; i < in_the_end; ++i) CHECK(ids.contains(std::to_string(i)));
  }
  CHECK(had_begun_some);
}

TEST_CASE("a worker goes on to no other chunk while the output is congested") {
  constexpr int jobs_in_all = 40;
  Pipe list;
  const Pipe out;
  HeldRun held(list.reader(), 2, out.writer());
  Hold& first = held.hold_worker();
  Hold& second = held.hold_worker();
  held.start();
  list.write(chunks_of_one(1));
  held.run_until_open_jobs(1);
  // The one that works the first chunk, before another works the second.
  Hold& third = held.hold_worker();
  list.write(chunks_of_one(jobs_in_all - 1));
  list.close_writer();
  held.run_until_open_jobs(2);
  held.fill_feed();
  const std::string flood = lines_of(3 * jobs::Output::congestion_bytes);
  held.output.write(flood);
  first.let_go();
  held.run_until_open_jobs(1);  // the loop has seen that the output is congested
  held.fill_feed();
  const std::uint64_t before = held.run.counts().succeeded;
  second.let_go();
  held.run_until_open_jobs(0);
  CHECK(held.run.counts().succeeded == before + 1);
  CHECK(before + 1 < jobs_in_all);
  third.let_go();

  const auto reading =
      held.loop.create_task(read_slowly(out.reader(), flood.size() + 1, std::size_t{65'536}));
  held.loop.run_until_complete(reading);
  held.finish();
  CHECK(held.run.counts() == Counts{.accepted = jobs_in_all, .succeeded = jobs_in_all});
}
