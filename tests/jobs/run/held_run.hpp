#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <semaphore>
#include <string>
#include <utility>

#include "jobs/output/output.hpp"
#include "jobs/run/run.hpp"
#include "jobs/run/source.hpp"
#include "support/loop_test.hpp"

namespace support {

/// What a test waits for at most, where something that is broken would keep it waiting for ever.
inline constexpr aio::Duration patience = 30s;

/// A call that keeps a worker of a pool until it is let go.
class Hold {
 public:
  void operator()() {
    come_.set_value();
    go_.acquire();
  }
  /// Waits until it keeps a worker; whether it does.
  bool has_come() { return came_.wait_for(patience) == std::future_status::ready; }
  /// Once; then nothing.
  void let_go() {
    if (std::exchange(is_held_, false)) go_.release();
  }

 private:
  std::promise<void> come_;
  std::future<void> came_ = come_.get_future();
  std::binary_semaphore go_{0};
  bool is_held_ = true;
};

/// What a run does with lines while a test holds its workers and its loop.
struct HeldRun {
  HeldRun(int list, unsigned workers, int out)
      : lines(list, {}), pool(workers), output(loop, out), run(loop, output, pool, {}) {}
  HeldRun(const HeldRun&) = delete;
  HeldRun& operator=(const HeldRun&) = delete;
  ~HeldRun() {  // also of a test that has failed
    for (Hold& hold : holds) hold.let_go();
    loop.close();
  }

  /// Has workers make all calls that wait, one after the other, while the loop does not run.
  void keep_workers() const { pool.queue().set_worker_turn(24h); }
  /// Has a worker wait once it has made the calls that came before, or as soon as one is free.
  Hold& hold_worker() {
    Hold& hold = holds.emplace_back();
    static_cast<void>(loop.run_in_executor(pool, std::ref(hold)));
    return hold;
  }

  void start() { working = loop.create_task(run.work(source)); }
  /// Enough for the run to fill the feed of its workers, whose number of chunks is bounded.
  void fill_feed() { run_turns(loop, 200); }
  void run_until_open_jobs(std::size_t count) {
    const auto end = aio::Clock::now() + patience;
    while (run.open_jobs() != count && aio::Clock::now() < end) run_turns(loop, 1);
    REQUIRE(run.open_jobs() == count);
  }
  void finish() {
    loop.run_until_complete(working);
    loop.run_until_complete(output.flush());
  }

  std::deque<Hold> holds;
  jobs::LineReader lines;
  jobs::LineSource source{lines, {}};
  aio::EventLoop loop;
  aio::ThreadPoolExecutor pool;
  jobs::Output output;
  jobs::Run run;
  aio::Task<void> working;
};

/// A list each of whose chunks holds one job, which takes next to no time; with an id, which is its
/// number, if they are to be named.
inline std::string chunks_of_one(int count, bool named = false) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    const std::string id = named ? "\"id\": \"" + std::to_string(i) + "\", " : "";
    text += "{" + id + "\"kind\": \"prime\", \"number\": 7}\n";
    text.append(jobs::LineReader::chunk_lines - 1, '\n');
  }
  return text;
}

}  // namespace support
