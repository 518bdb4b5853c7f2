// Calls that do nothing, through uv_queue_work on a pool of two threads.

#include <uv.h>

#include <cstdlib>
#include <vector>

#include "measure.hpp"

namespace {

struct Run {
  uv_loop_t loop;
  long left;  // how many are still to be queued
};

void queue(Run& run, uv_work_t& request) {
  --run.left;
  request.data = &run;
  const auto after = [](uv_work_t* done, int) {
    Run& its_run = *static_cast<Run*>(done->data);
    if (its_run.left > 0) queue(its_run, *done);
  };
  uv_queue_work(
      &run.loop, &request, [](uv_work_t*) {}, after);
}

/// Nanoseconds a call, with so many under way at a time.
double measure(std::size_t in_flight, long count) {
  Run run{{}, count};
  uv_loop_init(&run.loop);
  std::vector<uv_work_t> requests(in_flight);
  const auto start = bench::now_ns();
  for (uv_work_t& request : requests) queue(run, request);
  uv_run(&run.loop, UV_RUN_DEFAULT);
  const auto end = bench::now_ns();
  uv_loop_close(&run.loop);
  return static_cast<double>(end - start) / static_cast<double>(count);
}

}  // namespace

int main(int argc, char** argv) {
  setenv("UV_THREADPOOL_SIZE", "2", 1);
  const bool smoke = bench::is_smoke(argc, argv);
  static_cast<void>(measure(1, 10));  // the threads are there
  bench::print("libuv", "one_at_a_time", measure(1, smoke ? 100 : 10'000));
  bench::print("libuv", "in_flight", measure(1000, smoke ? 10'000 : 3'000'000));
}
