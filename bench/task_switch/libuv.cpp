// Idle handles of libuv, one a task: each has its callback called once in every pass of the loop,
// which asks the kernel once.

#include <uv.h>

#include <vector>

#include "measure.hpp"

namespace {

struct Task {
  uv_idle_t idle;
  int left;
};

double ns_per_yield(int tasks, int times) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  std::vector<Task> all(static_cast<std::size_t>(tasks));
  const std::int64_t start = bench::now_ns();
  for (Task& task : all) {
    uv_idle_init(&loop, &task.idle);
    task.idle.data = &task;
    task.left = times;
    uv_idle_start(&task.idle, [](uv_idle_t* idle) {
      auto* const self = static_cast<Task*>(idle->data);
      if (--self->left == 0) uv_close(reinterpret_cast<uv_handle_t*>(idle), nullptr);
    });
  }
  uv_run(&loop, UV_RUN_DEFAULT);
  const std::int64_t end = bench::now_ns();
  uv_loop_close(&loop);
  return static_cast<double>(end - start) / tasks / times;
}

}  // namespace

int main(int argc, char** argv) {
  const int scale = bench::is_smoke(argc, argv) ? 1000 : 1;
  bench::print("floor-idle-handles", "one_task", ns_per_yield(1, 5'000'000 / scale));
  bench::print("floor-idle-handles", "thousand_tasks", ns_per_yield(1000, 10'000 / scale));
}
