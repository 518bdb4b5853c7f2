#include "jobs/ledger/ledger.hpp"

#include <limits>
#include <optional>
#include <utility>

#include "jobs/invariant.hpp"

namespace jobs {

namespace {

/// Where each event leads from where. Everything else is refused.
std::optional<Stage> stage_after(Stage stage, Event event) {
  const bool waits = stage == Stage::scheduled || stage == Stage::blocked || stage == Stage::ready;
  const auto leads = [](bool fits, Stage next) {
    return fits ? std::optional(next) : std::nullopt;
  };
  switch (event) {
    case Event::admitted: return std::nullopt;  // not a second time
    case Event::due: return leads(stage == Stage::scheduled, Stage::ready);
    case Event::released: return leads(stage == Stage::blocked, Stage::ready);
    case Event::begun: return leads(stage == Stage::ready, Stage::running);
    case Event::put_back: return leads(stage == Stage::running, Stage::ready);
    case Event::retried: return leads(stage == Stage::running, Stage::scheduled);
    case Event::ended: return leads(stage == Stage::running, Stage::ended);
    case Event::dropped: return leads(waits, Stage::ended);
  }
  return std::nullopt;
}

constexpr unsigned place_bits = 32;

std::size_t place_of(JobNumber number) {
  return static_cast<std::size_t>(number) & std::numeric_limits<std::uint32_t>::max();
}

std::uint32_t generation_of(JobNumber number) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(number) >> place_bits);
}

JobNumber number_of(std::size_t place, std::uint32_t generation) {
  return JobNumber{std::uint64_t{generation} << place_bits | place};
}

[[noreturn]] void refuse(Event event, std::string_view where) {
  throw RefusedEvent("a job that is " + std::string(where) + " cannot be " +
                     std::string(to_string(event)));
}

std::size_t index(Stage stage) { return static_cast<std::size_t>(stage); }

/// How many attempts have begun after `event`.
std::uint32_t attempts_after(std::uint32_t attempts, Event event) {
  if (event == Event::begun) return attempts + 1;
  return event == Event::put_back ? attempts - 1 : attempts;
}

}  // namespace

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::scheduled: return "scheduled";
    case Stage::blocked: return "blocked";
    case Stage::ready: return "ready";
    case Stage::running: return "running";
    case Stage::ended: return "ended";
  }
  return "unknown";
}

std::string_view to_string(Event event) {
  switch (event) {
    case Event::admitted: return "admitted";
    case Event::due: return "due";
    case Event::released: return "released";
    case Event::begun: return "begun";
    case Event::put_back: return "put back";
    case Event::retried: return "retried";
    case Event::ended: return "ended";
    case Event::dropped: return "dropped";
  }
  return "unknown";
}

// --- Events

JobChange Ledger::admit(JobPointer job, Admission admission) {
  require(job != nullptr, "an admitted job is there");
  JobChange change{.event = Event::admitted,
                   .number = next_number(),
                   .stage = admission.stage,
                   .attempt = 0,
                   .due = admission.due,
                   .job = std::move(job)};
  enter(change);
  return change;
}

JobChange Ledger::end(JobNumber number, Ending ending) {
  return end(number, Event::ended, std::move(ending));
}

JobChange Ledger::drop(JobNumber number, Ending ending) {
  return end(number, Event::dropped, std::move(ending));
}

JobChange Ledger::end(JobNumber number, Event event, Ending ending) {
  const Entry& entry = entry_at(number);
  JobChange change{.event = event,
                   .number = number,
                   .stage = Stage::ended,
                   .attempt = entry.attempt,
                   .job = entry.job,
                   .ending = std::move(ending)};
  install(change);
  return change;
}

JobChange Ledger::move(JobNumber number, Event event, aio::TimePoint due) {
  const Entry& entry = entry_at(number);
  const std::optional<Stage> next = stage_after(entry.stage, event);
  if (!next) refuse(event, to_string(entry.stage));
  JobChange change{.event = event,
                   .number = number,
                   .stage = *next,
                   .attempt = attempts_after(entry.attempt, event),
                   .due = due};
  install(change);
  return change;
}

void Ledger::add(const ChunkChange& chunk) {
  require(chunk.counts.accepted == chunk.counts.ended(), "the jobs of a chunk have all ended");
  require(chunk.counts.left == 0, "no job of a chunk is left without an entry");
  counts_ += chunk.counts;
}

// --- Taking a step

void Ledger::install(const JobChange& change) {
  if (change.event == Event::admitted) return enter(change);
  Entry& entry = entries_[place_of(change.number)];
  static_cast<void>(entry_at(change.number));
  const std::optional<Stage> next = stage_after(entry.stage, change.event);
  if (!next) refuse(change.event, to_string(entry.stage));
  require(*next == change.stage, "a change leads where the table says");
  require(change.attempt == attempts_after(entry.attempt, change.event),
          "a change counts the attempts that have begun");
  require((change.stage == Stage::ended) == change.ending.has_value(),
          "an end, and nothing else, has an ending");
  std::uint64_t& before = at_stage_[index(entry.stage)];
  require(before > 0, "a job is counted at its stage");
  --before;
  if (change.stage == Stage::ended) return leave(change, entry);
  ++at_stage_[index(change.stage)];
  entry.stage = change.stage;
  entry.attempt = change.attempt;
  entry.due = change.due;
}

void Ledger::enter(const JobChange& change) {
  if (change.stage == Stage::running || change.stage == Stage::ended) {
    refuse(Event::admitted, to_string(change.stage));
  }
  require(change.number == next_number(), "numbers are given in one order");
  require(change.attempt == 0, "a new job has had no attempt");
  if (free_.empty()) {
    entries_.emplace_back();
    free_.reserve(entries_.capacity());  // so that no job's end needs memory
  } else {
    free_.pop_back();
  }
  Entry& entry = entries_[place_of(change.number)];
  require(entry.job == nullptr, "a place is taken by one job at a time");
  entry.job = change.job;
  entry.due = change.due;
  entry.attempt = 0;
  entry.stage = change.stage;
  ++at_stage_[index(change.stage)];
  ++counts_.accepted;
}

void Ledger::leave(const JobChange& change, Entry& entry) {
  free_.push_back(static_cast<std::uint32_t>(place_of(change.number)));
  entry.job = nullptr;
  ++entry.generation;
  counts_.add(change.ending->state);
}

const Ledger::Entry& Ledger::entry_at(JobNumber number) const {
  const std::size_t place = place_of(number);
  const bool is_there = place < entries_.size() && entries_[place].job != nullptr &&
                        entries_[place].generation == generation_of(number);
  if (!is_there) throw RefusedEvent("no job that has not ended has this number");
  return entries_[place];
}

JobNumber Ledger::next_number() const {
  if (free_.empty()) return number_of(entries_.size(), 1);
  return number_of(free_.back(), entries_[free_.back()].generation);
}

Counts Ledger::counts() const {
  Counts counts = counts_;
  for (const std::uint64_t waiting : at_stage_) counts.left += waiting;
  require(counts.accepted == counts.ended() + counts.left, "every accepted job ended or is left");
  return counts;
}

}  // namespace jobs
