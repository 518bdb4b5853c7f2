#include <aio/aio.hpp>

#include "sleepers.hpp"

namespace {

struct Sleepers {
  std::int64_t left;
  aio::Future<void> all_awake;
};

aio::Coro<void> sleeper(std::chrono::nanoseconds delay, Sleepers& sleepers) {
  co_await aio::sleep(delay);
  if (--sleepers.left == 0) sleepers.all_awake.set_result();
}

aio::Coro<void> sleep_all(std::int64_t count, sleepers::Measure& measure) {
  sleepers::Delays delays;
  Sleepers sleepers{count, aio::get_running_loop().create_future()};
  for (std::int64_t i = 0; i < count; ++i) {
    static_cast<void>(aio::create_task(sleeper(delays.next(), sleepers)));
  }
  co_await aio::sleep(0);  // each has taken its first step
  measure.note_memory();
  co_await sleepers.all_awake;
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t count = sleepers::count(argc, argv);
  sleepers::Measure measure;
  aio::run(sleep_all(count, measure));
  measure.tell("aio", count);
}
