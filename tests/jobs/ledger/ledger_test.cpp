#include "jobs/ledger/ledger.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "jobs/invariant.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Counts;
using jobs::Ending;
using jobs::Event;
using jobs::JobChange;
using jobs::JobNumber;
using jobs::Ledger;
using jobs::RefusedEvent;
using jobs::Stage;
using jobs::State;

constexpr std::array stages = {Stage::scheduled, Stage::blocked, Stage::ready, Stage::running};
constexpr std::array events = {Event::due,     Event::released, Event::begun,  Event::put_back,
                               Event::retried, Event::ended,    Event::dropped};

jobs::JobPointer job_called(std::string id) {
  return std::make_shared<const jobs::Job>(
      jobs::Job{std::move(id), std::nullopt, jobs::Countdown()});
}

Ending ending_as(State state) {
  Ending ending;
  ending.state = state;
  return ending;
}

/// A job at a stage of its life.
JobNumber job_at(Ledger& ledger, Stage stage) {
  if (stage != Stage::running) return ledger.admit(job_called("a"), {stage, {}}).number;
  const JobNumber number = ledger.admit(job_called("a")).number;
  ledger.begin(number);
  return number;
}

JobChange apply(Ledger& ledger, JobNumber number, Event event) {
  switch (event) {
    case Event::due: return ledger.fall_due(number);
    case Event::released: return ledger.release(number);
    case Event::begun: return ledger.begin(number);
    case Event::put_back: return ledger.put_back(number);
    case Event::retried: return ledger.retry(number, aio::TimePoint(5s));
    case Event::ended: return ledger.end(number, ending_as(State::failed));
    case Event::dropped: return ledger.drop(number, ending_as(State::cancelled));
    case Event::admitted: break;
  }
  FAIL("not for a job that is there");
  return {};
}

/// The table, written a second time by hand: what is not in it is refused.
const std::map<std::pair<Stage, Event>, Stage> allowed = {
    {{Stage::scheduled, Event::due}, Stage::ready},
    {{Stage::scheduled, Event::dropped}, Stage::ended},
    {{Stage::blocked, Event::released}, Stage::ready},
    {{Stage::blocked, Event::dropped}, Stage::ended},
    {{Stage::ready, Event::begun}, Stage::running},
    {{Stage::ready, Event::dropped}, Stage::ended},
    {{Stage::running, Event::put_back}, Stage::ready},
    {{Stage::running, Event::retried}, Stage::scheduled},
    {{Stage::running, Event::ended}, Stage::ended},
};

}  // namespace

TEST_SUITE_BEGIN("ledger");

TEST_CASE("every event leads where the table says or is refused and changes nothing") {
  for (const Stage stage : stages) {
    for (const Event event : events) {
      CAPTURE(to_string(stage));
      CAPTURE(to_string(event));
      Ledger ledger;
      const JobNumber number = job_at(ledger, stage);
      const auto place = allowed.find({stage, event});
      if (place == allowed.end()) {
        CHECK_THROWS_AS(apply(ledger, number, event), RefusedEvent);
        CHECK(ledger.stage(number) == stage);
        CHECK(ledger.count(stage) == 1);
        CHECK(ledger.counts() == Counts{.accepted = 1, .left = 1});
        continue;
      }
      CHECK(apply(ledger, number, event).stage == place->second);
      if (place->second == Stage::ended) {
        CHECK(ledger.counts().left == 0);
        CHECK(ledger.counts().ended() == 1);
        CHECK_THROWS_AS(static_cast<void>(ledger.stage(number)), RefusedEvent);
      } else {
        CHECK(ledger.stage(number) == place->second);
        CHECK(ledger.count(place->second) == 1);
        CHECK(ledger.counts() == Counts{.accepted = 1, .left = 1});
      }
    }
  }
}

TEST_CASE("a job that has ended takes no event, and neither does one that never was") {
  Ledger ledger;
  const JobNumber number = job_at(ledger, Stage::running);
  ledger.end(number, ending_as(State::succeeded));
  for (const Event event : events) {
    CHECK_THROWS_AS(apply(ledger, number, event), RefusedEvent);
    CHECK_THROWS_AS(apply(ledger, JobNumber::none, event), RefusedEvent);
    CHECK_THROWS_AS(apply(ledger, JobNumber{12'345}, event), RefusedEvent);
  }
  CHECK(ledger.counts() == Counts{.accepted = 1, .succeeded = 1});
}

TEST_CASE("no job begins its life at a lane or at its end") {
  Ledger ledger;
  CHECK_THROWS_AS(ledger.admit(job_called("a"), {Stage::running, {}}), RefusedEvent);
  CHECK_THROWS_AS(ledger.admit(job_called("a"), {Stage::ended, {}}), RefusedEvent);
  CHECK_THROWS_AS(ledger.admit(nullptr), jobs::BrokenInvariant);
  CHECK(ledger.counts() == Counts());
}

TEST_CASE("attempts are counted as they begin, and not if they did not take place") {
  Ledger ledger;
  const JobNumber number = ledger.admit(job_called("a")).number;
  CHECK(ledger.attempt(number) == 0);
  CHECK(ledger.begin(number).attempt == 1);
  CHECK(ledger.put_back(number).attempt == 0);
  CHECK(ledger.begin(number).attempt == 1);
  CHECK(ledger.retry(number, aio::TimePoint(7s)).attempt == 1);
  CHECK(ledger.due(number) == aio::TimePoint(7s));
  ledger.fall_due(number);
  CHECK(ledger.begin(number).attempt == 2);
  const JobChange end = ledger.end(number, ending_as(State::succeeded));
  CHECK(end.attempt == 2);
  CHECK(end.job->id == "a");
  CHECK(end.ending->state == State::succeeded);
}

TEST_CASE("each way to end has its count") {
  const std::array states = {State::succeeded, State::failed,      State::timed_out,
                             State::cancelled, State::interrupted, State::skipped};
  Ledger ledger;
  for (const State state : states) {
    ledger.end(job_at(ledger, Stage::running), ending_as(state));
    ledger.drop(job_at(ledger, Stage::ready), ending_as(state));
  }
  CHECK(ledger.counts() == Counts{.accepted = 12,
                                  .succeeded = 2,
                                  .failed = 2,
                                  .timed_out = 2,
                                  .cancelled = 2,
                                  .interrupted = 2,
                                  .skipped = 2});
}

TEST_CASE("a number is never given twice, though its place is") {
  Ledger ledger;
  std::set<JobNumber> numbers;
  for (int i = 0; i < 1000; ++i) {
    const JobNumber number = ledger.admit(job_called("a")).number;
    CHECK(number != JobNumber::none);
    CHECK(numbers.insert(number).second);
    if (i % 2 == 0) ledger.drop(number, ending_as(State::cancelled));
  }
}

TEST_CASE("the jobs of a chunk are counted, if their counts add up") {
  Ledger ledger;
  ledger.add(
      {.counts = {.accepted = 3, .succeeded = 2, .failed = 1, .rejected = 5}, .records = ""});
  CHECK(ledger.counts() == Counts{.accepted = 3, .succeeded = 2, .failed = 1, .rejected = 5});
  CHECK_THROWS_AS(ledger.add({.counts = {.accepted = 3, .succeeded = 2}, .records = ""}),
                  jobs::BrokenInvariant);
  CHECK_THROWS_AS(ledger.add({.counts = {.accepted = 3, .succeeded = 2, .left = 1}, .records = ""}),
                  jobs::BrokenInvariant);
  CHECK(ledger.counts().accepted == 3);
}

TEST_CASE("a change that does not fit the ledger is not installed") {
  Ledger ledger;
  const JobNumber number = ledger.admit(job_called("a")).number;
  const auto tampered = [&](auto change_it) {
    JobChange change{
        .event = Event::begun, .number = number, .stage = Stage::running, .attempt = 1};
    change_it(change);
    return change;
  };
  CHECK_THROWS_AS(ledger.install(tampered([](JobChange& change) { change.attempt = 2; })),
                  jobs::BrokenInvariant);
  CHECK_THROWS_AS(ledger.install(tampered([](JobChange& change) { change.stage = Stage::ready; })),
                  jobs::BrokenInvariant);
  CHECK_THROWS_AS(ledger.install(tampered([](JobChange& change) { change.ending = Ending(); })),
                  jobs::BrokenInvariant);
  CHECK_THROWS_AS(
      ledger.install(tampered([](JobChange& change) { change.event = Event::released; })),
      RefusedEvent);
  CHECK_THROWS_AS(
      ledger.install(tampered([](JobChange& change) { change.number = JobNumber{77}; })),
      RefusedEvent);
  ledger.install(tampered([](JobChange&) {}));
  CHECK(ledger.stage(number) == Stage::running);
}

namespace {

/// A life of many jobs, drawn from a seed; kept in a plain model too, and as changes.
class History {
 public:
  explicit History(unsigned seed) : random_(seed) {}

  void play() {
    for (unsigned steps = below(60); steps > 0; --steps) {
      step();
      compare();
    }
  }

  /// The same changes bring another ledger to the same state, wherever a crash cut them off.
  void rebuild() {
    const std::size_t kept = below(static_cast<unsigned>(changes_.size()) + 1);
    Ledger rebuilt;
    for (std::size_t i = 0; i < kept; ++i) rebuilt.install(changes_[i]);
    CHECK(rebuilt.counts() == counts_after_[kept]);
    for (std::size_t i = kept; i < changes_.size(); ++i) rebuilt.install(changes_[i]);
    CHECK(rebuilt.counts() == ledger_.counts());
    for (const auto& [number, model] : there_) {
      CHECK(rebuilt.stage(number) == model.stage);
      CHECK(rebuilt.attempt(number) == model.attempt);
    }
  }

 private:
  struct Model {
    Stage stage;
    unsigned attempt;
  };

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  void step() {
    if (there_.empty() || below(3) == 0) {
      const Stage stage = stages[below(3)];
      keep(ledger_.admit(job_called("j"), {stage, aio::TimePoint(1s * below(9))}));
      there_[changes_.back().number] = {stage, 0};
      ++counts_.accepted;
      return;
    }
    const auto place = std::next(there_.begin(), below(static_cast<unsigned>(there_.size())));
    const Event event = events[below(events.size())];
    const auto next = allowed.find({place->second.stage, event});
    if (next == allowed.end()) {
      CHECK_THROWS_AS(apply(ledger_, place->first, event), RefusedEvent);
      return;
    }
    keep(apply(ledger_, place->first, event));
    place->second.stage = next->second;
    if (event == Event::begun) ++place->second.attempt;
    if (event == Event::put_back) --place->second.attempt;
    if (event == Event::ended) ++counts_.failed;
    if (event == Event::dropped) ++counts_.cancelled;
    if (next->second == Stage::ended) there_.erase(place);
  }

  void keep(JobChange change) {
    changes_.push_back(std::move(change));
    counts_after_.push_back(ledger_.counts());
  }

  void compare() {
    counts_.left = there_.size();
    CHECK(ledger_.counts() == counts_);
    std::array<std::uint64_t, stages.size()> at{};
    for (const auto& [number, model] : there_) ++at[static_cast<std::size_t>(model.stage)];
    for (const Stage stage : stages) {
      CHECK(ledger_.count(stage) == at[static_cast<std::size_t>(stage)]);
    }
  }

  std::mt19937 random_;
  Ledger ledger_;
  Counts counts_;
  std::map<JobNumber, Model> there_;
  std::vector<JobChange> changes_;
  std::vector<Counts> counts_after_{Counts()};
};

}  // namespace

TEST_CASE("whatever happens to jobs their counts add up, and their changes tell it all") {
  for (unsigned seed = 1; seed <= 10'000; ++seed) {
    CAPTURE(seed);
    History history(seed);
    history.play();
    history.rebuild();
  }
}
