#include <uv.h>

#include <memory>

#include "sleepers.hpp"

// One uv_timer_t a sleeper. libuv counts milliseconds.

int main(int argc, char** argv) {
  const std::int64_t count = sleepers::count(argc, argv);
  sleepers::Measure measure;
  uv_loop_t* const loop = uv_default_loop();
  sleepers::Delays delays;
  for (std::int64_t i = 0; i < count; ++i) {
    auto timer = std::make_unique<uv_timer_t>();
    uv_timer_init(loop, timer.get());
    const auto on_due = [](uv_timer_t* due) {
      uv_close(reinterpret_cast<uv_handle_t*>(due), [](uv_handle_t* closed) {
        const std::unique_ptr<uv_timer_t> ended(reinterpret_cast<uv_timer_t*>(closed));
      });
    };
    const auto delay = std::chrono::ceil<std::chrono::milliseconds>(delays.next());
    uv_timer_start(timer.release(), on_due, static_cast<std::uint64_t>(delay.count()), 0);
  }
  measure.note_memory();
  uv_run(loop, UV_RUN_DEFAULT);
  measure.tell("libuv", count);
}
