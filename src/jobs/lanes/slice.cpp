#include "jobs/lanes/slice.hpp"

#include <iterator>
#include <memory>
#include <span>
#include <utility>

#include "jobs/bulk/plain_work.hpp"
#include "jobs/invariant.hpp"
#include "jobs/kinds/kinds.hpp"
#include "jobs/kinds/start.hpp"
#include "jobs/output/record.hpp"

namespace jobs {

namespace {

/// A `result` record of a plain job has about that, ids of up to 20 characters included.
constexpr std::size_t usual_record_bytes = 256;

/// The first attempt of a job that has ended with the chunk that it came in.
constexpr unsigned only_attempt = 1;

/// Notes the end of an attempt: for the ledger if it knows the job, else at once.
void note_end(Attempt& attempt, Slice& slice) {
  Ending ending = attempt.work->take_ending();
  if (attempt.number != JobNumber::none) {
    slice.ended.push_back({attempt.number, slice.records.size(), std::move(ending)});
    return;
  }
  ++slice.counts.accepted;
  slice.counts.add(ending.state);
  append(slice.records,
         ResultRecord{attempt.job->id, kind_of(*attempt.job).name, only_attempt, ending});
}

/// Works on `attempts`, and adds the records and endings to the slice.
void work_on(std::vector<Attempt> attempts, const StopTokens& stop, aio::TimePoint end,
             Slice& slice) {
  bool has_stepped = false;  // at least once: on a busy machine the time may be over already
  const auto may_go_on = [&](const Attempt& attempt) {
    const std::stop_token& token = attempt.has_begun() ? stop.go_on : stop.begin;
    const auto has_room = [&] {
      return slice.records.size() < slice_bytes && aio::Clock::now() < end;
    };
    return !token.stop_requested() && (!has_stepped || has_room());
  };
  auto attempt = attempts.begin();
  while (attempt != attempts.end() && may_go_on(*attempt)) {
    has_stepped = true;
    if (!attempt->work) attempt->work = start_stepped(attempt->job);
    if (!attempt->work->step(slice.records)) continue;
    note_end(*attempt, slice);
    ++attempt;
  }
  slice.unfinished.insert(slice.unfinished.end(), std::make_move_iterator(attempt),
                          std::make_move_iterator(attempts.end()));
}

JobPointer job_of(const PlainJob& plain) {
  auto job = std::make_shared<Job>();
  job->id = plain.id.empty() ? "job-" + std::to_string(plain.position) : std::string(plain.id);
  job->work = Prime{primes::Integer(plain.number)};
  return job;
}

void append_rejected(const std::vector<RejectedLine>& rejected, std::string& records) {
  for (const auto& [code, fault] : rejected) {
    std::string message = fault.pointer + ": " + fault.message;
    append(records, RejectedRecord{fault.line, fault.column, {code, std::move(message)}});
  }
}

}  // namespace

Slice work(std::vector<Attempt> attempts, const StopTokens& stop, aio::TimePoint end,
           std::string memory) {
  Slice slice;
  slice.records = std::move(memory);
  work_on(std::move(attempts), stop, end, slice);
  return slice;
}

Slice work(const Chunk& chunk, ChunkContext& context, const StopTokens& stop) {
  return work(parse_chunk(chunk, context), context, stop);
}

Slice work(ParsedChunk parsed, const ChunkContext& context, const StopTokens& stop,
           std::string memory) {
  const std::size_t accepted = parsed.plain.size() + parsed.jobs.size();
  Slice slice;
  slice.records = std::move(memory);
  append_rejected(parsed.rejected, slice.records);
  slice.counts.rejected = parsed.rejected.size();
  slice.records.reserve(slice.records.size() + parsed.plain.size() * usual_record_bytes);
  const std::size_t ended = work_plain(parsed.plain, stop.begin_plain, slice.records);
  slice.counts.accepted = slice.counts.succeeded = ended;
  std::vector<Attempt> attempts;
  for (Job& parsed_job : parsed.jobs) {
    auto job = std::make_shared<const Job>(std::move(parsed_job));
    if (is_stepped_on_pool(*job, context.executor)) {
      attempts.emplace_back(JobNumber::none, std::move(job));
    } else {
      slice.others.push_back(std::move(job));
    }
  }
  work_on(std::move(attempts), stop, aio::Clock::now() + slice_time, slice);
  for (const PlainJob& plain : std::span(parsed.plain).subspan(ended)) {
    slice.unfinished.emplace_back(JobNumber::none, job_of(plain));
  }
  require(slice.counts.ended() + slice.unfinished.size() + slice.others.size() == accepted,
          "every job of a chunk has ended or is handed on");
  return slice;
}

}  // namespace jobs
