// What stands for a task where libuv is used bare: memory for a timer of no time at all, which is
// closed and freed when it is due.

#include <uv.h>

#include <cstdlib>

#include "measure.hpp"

namespace {

void spawn(uv_loop_t* loop, int count) {
  for (int i = 0; i < count; ++i) {
    auto* const timer = static_cast<uv_timer_t*>(std::malloc(sizeof(uv_timer_t)));
    uv_timer_init(loop, timer);
    uv_timer_start(
        timer,
        [](uv_timer_t* due) {
          uv_close(reinterpret_cast<uv_handle_t*>(due),
                   [](uv_handle_t* closed) { std::free(closed); });
        },
        0, 0);
  }
}

void by_thousand(uv_loop_t* loop, int count) {
  const std::int64_t start = bench::now_ns();
  for (int made = 0; made < count; made += 1000) {
    spawn(loop, 1000);
    uv_run(loop, UV_RUN_DEFAULT);
  }
  bench::print("libuv", "by_thousand", static_cast<double>(bench::now_ns() - start) / count);
}

void at_once(uv_loop_t* loop, int count) {
  const std::int64_t before = bench::resident_bytes();
  const std::int64_t start = bench::now_ns();
  spawn(loop, count);
  const std::int64_t bytes = bench::resident_bytes() - before;
  uv_run(loop, UV_RUN_DEFAULT);
  bench::print("libuv", "at_once", static_cast<double>(bench::now_ns() - start) / count);
  bench::print("libuv", "bytes", static_cast<double>(bytes) / count);
}

}  // namespace

int main(int argc, char** argv) {
  const int count = bench::is_smoke(argc, argv) ? 10'000 : 1'000'000;
  uv_loop_t loop;
  uv_loop_init(&loop);
  by_thousand(&loop, count);
  at_once(&loop, count);
  uv_loop_close(&loop);
}
