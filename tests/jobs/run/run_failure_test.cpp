// What becomes of a run when something that it stands on throws, or when it is cancelled: it ends
// with that error, lets go of its workers, and leaves nothing behind.

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "jobs/run/run.hpp"
#include "jobs/run/run_support.hpp"
#include "support/loop_test.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Executor;
using support::countdown;
using support::prime;
using support::slow_prime;

class Broken : public std::runtime_error {
 public:
  Broken() : std::runtime_error("broken") {}
};

/// Throws the n-th time that it is asked.
class Fuse {
 public:
  explicit Fuse(int calls) : calls_(calls) {}
  void burn() {
    if (calls_-- == 0) throw Broken();
  }
  bool has_blown() const { return calls_ < 0; }

 private:
  int calls_;
};

class FailingStore final : public jobs::Store {
 public:
  explicit FailingStore(Fuse& fuse) : fuse_(fuse) {}
  void commit(jobs::Change change) override {
    fuse_.burn();
    tell(std::move(change));
  }

 private:
  Fuse& fuse_;
};

/// Takes everything, until it throws.
class FailingSink final : public jobs::Sink {
 public:
  explicit FailingSink(Fuse& fuse) : fuse_(fuse) {}
  void write(std::string_view) override { fuse_.burn(); }
  std::string take(std::string lines) override {
    fuse_.burn();
    return lines;
  }
  bool is_congested() const override { return false; }
  aio::Coro<void> ready() override { co_return; }

 private:
  Fuse& fuse_;
};

std::string lines_of_all_kinds() {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += "{\"kind\": \"prime\", \"number\": " + std::to_string(i) + "}\n";
    text += "{\"kind\": \"countdown\", \"from\": 2, \"interval\": 0}\n";
    text += "{\"kind\": \"countdown\", \"from\": 1, \"interval\": 0, \"executor\": \"thread\"}\n";
    text += "{\"kind\": \"prime\", \"numbers\": [7, 8], \"executor\": \"loop\"}\nnonsense\n";
  }
  return text;
}

std::vector<jobs::Job> jobs_of_all_kinds() {
  std::vector<jobs::Job> list;
  for (int i = 0; i < 10; ++i) {
    const std::string id = std::to_string(i);
    for (const Executor executor : {Executor::loop, Executor::thread}) {
      const std::string at = executor == Executor::loop ? "l" : "t";
      list.push_back(countdown("c" + at + id, 2, 0s, executor));
      list.push_back(prime("p" + at + id, "7", primes::Algorithm::automatic, executor));
    }
  }
  return list;
}

/// Works a list, or lines, on a store and a sink that fail. True if one of them did.
bool fails(Fuse& stored, Fuse& told, bool has_lines) {
  const support::MemoryFile file(lines_of_all_kinds());
  jobs::LineReader reader(file.fd(), {});
  jobs::LineSource lines(reader, {});
  jobs::ListSource list(jobs_of_all_kinds());
  jobs::Source& source = has_lines ? static_cast<jobs::Source&>(lines) : list;
  aio::EventLoop loop;
  FailingSink sink(told);
  jobs::Run run(loop, sink, aio::ThreadPoolExecutor(2), {}, std::make_unique<FailingStore>(stored));
  bool threw = false;
  try {
    loop.run_until_complete(run.work(source));
  } catch (const Broken&) {
    threw = true;
  }
  CHECK(threw == (stored.has_blown() || told.has_blown()));
  CHECK(run.counts().left <= run.counts().accepted);
  if (!threw) CHECK(run.counts().left == 0);
  loop.close();
  return threw;
}

constexpr int never = 1'000'000;

}  // namespace

TEST_SUITE_BEGIN("run_failure");

TEST_CASE("a store that throws ends the run with its error, whichever change it is") {
  for (const bool has_lines : {false, true}) {
    int calls = 0;
    for (bool failed = true; failed; calls += calls < 20 ? 1 : 7) {
      CAPTURE(calls);
      Fuse stored(calls);
      Fuse told(never);
      failed = fails(stored, told, has_lines);
    }
    CHECK(calls > 20);
  }
}

TEST_CASE("a sink that throws ends the run with its error, whichever record it is") {
  for (const bool has_lines : {false, true}) {
    int calls = 0;
    for (bool failed = true; failed; calls += calls < 20 ? 1 : 7) {
      CAPTURE(calls);
      Fuse stored(never);
      Fuse told(calls);
      failed = fails(stored, told, has_lines);
    }
    CHECK(calls > 20);
  }
}

namespace {

/// Lines that cannot be read any further, behind one chunk of them.
class FailingSource final : public jobs::Source {
 public:
  std::vector<jobs::Job> take_known() override { return {}; }
  const jobs::ParseOptions* parse_options() const override { return &parse_; }
  aio::Coro<std::optional<jobs::Chunk>> next() override {
    if (given_) throw Broken();
    given_ = true;
    jobs::Chunk chunk;
    chunk.text = lines_of_all_kinds();
    chunk.text.reserve(chunk.text.size() + 64);
    co_return std::optional<jobs::Chunk>(std::move(chunk));
  }

 private:
  jobs::ParseOptions parse_;
  bool given_ = false;
};

}  // namespace

TEST_CASE("a source that throws does so once the jobs that were taken in have ended") {
  support::RunTest test;
  FailingSource source;
  CHECK_THROWS_AS(test.loop.run_until_complete(test.run.work(source)), Broken);
  test.loop.run_until_complete(test.output.flush());
  test.check_accounts();
  CHECK(test.run.counts().accepted == 160);
  CHECK(test.run.counts().left == 0);
  CHECK(test.run.counts().rejected == 40);
}

TEST_CASE("a run that is cancelled lets go of everything, at whatever turn") {
  for (int turns = 0; turns < 60; ++turns) {
    CAPTURE(turns);
    const support::MemoryFile file(lines_of_all_kinds());
    jobs::LineReader reader(file.fd(), {});
    jobs::LineSource lines(reader, {});
    support::RunTest test;  // sees that no task is left
    const auto working = test.loop.create_task(test.run.work(lines));
    support::run_turns(test.loop, turns);
    working.cancel();
    for (int i = 0; i < 10'000 && !working.done(); ++i) {
      test.loop.run_until_complete(aio::sleep(1ms));
    }
    REQUIRE(working.done());
    test.loop.run_until_complete(test.output.flush());
    test.check_accounts();
  }
}

TEST_CASE("a run that is cancelled with checks under way interrupts them") {
  support::RunTest test;
  jobs::ListSource list({slow_prime("a"), slow_prime("b"), countdown("c", 1, 1h)});
  const auto working = test.loop.create_task(test.run.work(list));
  while (test.run.begun_checks() < 2) test.loop.run_until_complete(aio::sleep(1ms));
  working.cancel();
  CHECK_THROWS_AS(test.loop.run_until_complete(working), aio::CancelledError);
  test.loop.run_until_complete(test.output.flush());
  test.check_accounts();
  CHECK(test.run.counts().interrupted == 3);
}
