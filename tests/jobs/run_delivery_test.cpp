// What workers leave for the loop while they go on: none of it may be lost, nor be more than fits.

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <semaphore>
#include <string>

#include "jobs/output_support.hpp"
#include "jobs/run.hpp"
#include "jobs/run_support.hpp"
#include "support/gate.hpp"
#include "support/loop_test.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Counts;
using support::Gate;
using support::lines_of;
using support::MemoryFile;
using support::Pipe;
using support::read_slowly;
using support::run_turns;

/// A list each of whose chunks holds one job, which takes next to no time.
std::string chunks_of_one(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += "{\"kind\": \"prime\", \"number\": 7}\n";
    text.append(jobs::LineReader::chunk_lines - 1, '\n');
  }
  return text;
}

/// Enough for a run to fill the feed of its workers, whose number of chunks is bounded.
constexpr int turns_to_fill_feed = 200;

/// What a run does with lines while a test holds its workers and its loop.
struct HeldRun {
  HeldRun(int list, unsigned workers, int out)
      : lines(list, {}), pool(workers), output(loop, out), run(loop, output, pool, {}) {}
  HeldRun(const HeldRun&) = delete;
  HeldRun& operator=(const HeldRun&) = delete;
  ~HeldRun() { loop.close(); }

  /// Has a worker wait at `gate` once it has made the calls that came before.
  void hold_worker(Gate& gate) { static_cast<void>(loop.run_in_executor(pool, std::ref(gate))); }
  void start() { working = loop.create_task(run.work(lines, {})); }
  void finish() {
    loop.run_until_complete(working);
    loop.run_until_complete(output.flush());
  }
  void run_until_open_jobs(std::size_t count) {
    while (run.open_jobs() != count) run_turns(loop, 1);
  }

  jobs::LineReader lines;
  aio::EventLoop loop;
  aio::ThreadPoolExecutor pool;
  jobs::Output output;
  jobs::Run run;
  aio::Task<void> working;
};

/// Stops a run whose worker has worked some chunks while the loop did not run. How many jobs were
/// counted before and after the stop, and in the end.
std::array<std::uint64_t, 3> stop_with_slices_delivered(const MemoryFile& out) {
  const MemoryFile list(chunks_of_one(8));
  Gate gate;
  std::binary_semaphore worked{0};
  HeldRun held(list.fd(), 1, out.fd());
  held.pool.queue().set_worker_turn(24h);  // it takes the call after the chunks without the loop
  held.hold_worker(gate);
  held.start();
  run_turns(held.loop, turns_to_fill_feed);
  static_cast<void>(held.loop.run_in_executor(held.pool, [&worked] { worked.release(); }));
  gate.go.release();
  worked.acquire();
  const std::uint64_t before = held.run.counts().succeeded;
  held.run.stop(aio::TimePoint::max());
  const std::uint64_t after = held.run.counts().succeeded;
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
  std::array<Gate, 3> gates;
  HeldRun held(list.reader(), 2, out.writer());
  held.hold_worker(gates[0]);
  held.hold_worker(gates[1]);
  held.start();
  list.write(chunks_of_one(1));
  held.run_until_open_jobs(1);
  // The one that works the first chunk, before another works the second.
  held.hold_worker(gates[2]);
  list.write(chunks_of_one(jobs_in_all - 1));
  list.close_writer();
  held.run_until_open_jobs(2);
  run_turns(held.loop, turns_to_fill_feed);
  const std::string flood = lines_of(3 * jobs::Output::congestion_bytes);
  held.output.write(flood);
  gates[0].go.release();
  held.run_until_open_jobs(1);  // the loop has seen that the output is congested
  run_turns(held.loop, turns_to_fill_feed);
  const std::uint64_t before = held.run.counts().succeeded;
  gates[1].go.release();
  held.run_until_open_jobs(0);
  CHECK(held.run.counts().succeeded == before + 1);
  CHECK(before + 1 < jobs_in_all);
  gates[2].go.release();

  const auto reading =
      held.loop.create_task(read_slowly(out.reader(), flood.size() + 1, std::size_t{65'536}));
  held.loop.run_until_complete(reading);
  held.finish();
  CHECK(held.run.counts() == Counts{.accepted = jobs_in_all, .succeeded = jobs_in_all});
}
