// What workers leave for the loop while they go on: none of it may be lost, nor be more than fits.

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "jobs/held_run.hpp"
#include "jobs/output_support.hpp"
#include "jobs/run.hpp"
#include "jobs/run_support.hpp"
#include "support/loop_test.hpp"

namespace {

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
