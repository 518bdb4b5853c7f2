#include "jobs/run/run.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "jobs/kinds/kinds.hpp"
#include "jobs/kinds/start.hpp"
#include "jobs/output/record.hpp"

namespace jobs {

namespace {

/// Forgets a source when the run works it no more.
class SourceInUse {
 public:
  SourceInUse(Source*& place, Source& source) : place_(place) { place_ = &source; }
  SourceInUse(const SourceInUse&) = delete;
  SourceInUse& operator=(const SourceInUse&) = delete;
  ~SourceInUse() { place_ = nullptr; }

 private:
  Source*& place_;
};

/// Known jobs that are accepted in one turn of the loop: less than a millisecond's work.
constexpr std::size_t accepted_together = 1024;

}  // namespace

Run::Run(aio::EventLoop& loop, Sink& sink, aio::ThreadPoolExecutor pool, const RunOptions& options,
         std::unique_ptr<Store> store)
    : loop_(loop),
      sink_(sink),
      options_(options),
      store_(std::move(store)),
      loop_lane_(loop, *this, options.max_open_jobs),
      pool_lane_(loop, *this, std::move(pool)) {
  store_->on_committed([this](Change change) { act_on(std::move(change)); });
}

// --- The course of things

aio::Coro<void> Run::work(Source& source) {
  const SourceInUse in_use(source_, source);
  try {
    start_tasks();
    co_await take_in_known(source);
    if (stopped_) {
      cut_short_ = cut_short_ || !source.is_drained();
    } else if (source.parse_options() != nullptr) {
      intake_ = loop_.create_task(take_in_lines(source), "intake");
      intake_.add_done_callback([this](const aio::AnyFuture&) { on_idle(); });
    }
    co_await ended_.until([this] { return failure_ || is_idle(); });
  } catch (...) {
    fail(std::current_exception());  // cancelled, or something that the intake stands on has failed
  }
  if (failure_) abandon();
  co_await until_all_ended();
  if (failure_) std::rethrow_exception(failure_);
  if (intake_ && !intake_.cancelled()) co_await intake_;
}

/// The tasks that go on until everything has ended.
void Run::start_tasks() {
  for (unsigned i = 1; i <= pool_lane_.workers(); ++i) {
    spawn(pool_lane_.work(), "worker " + std::to_string(i));
  }
  spawn(loop_lane_.advance_checks(), "checks on the loop");
}

void Run::spawn(aio::Coro<void> lane, const std::string& name) {
  const aio::Task<void>& task = tasks_.emplace_back(loop_.create_task(std::move(lane), name));
  task.add_done_callback([this](const aio::AnyFuture& ended) {
    if (!ended.cancelled() && ended.exception()) fail(ended.exception());
  });
}

/// Resumes when neither the lanes nor the intake do anything any more.
aio::Coro<void> Run::until_all_ended() {
  loop_lane_.finish();
  pool_lane_.finish();
  std::vector<aio::Task<void>> tasks = tasks_;
  if (intake_) tasks.push_back(intake_);
  if (!tasks.empty()) co_await aio::wait(std::move(tasks));
  pool_lane_.take_delivered();  // if a lane has failed there may be something
}

bool Run::is_idle() const {
  const bool has_taken_in = !intake_ || intake_.done();
  return has_taken_in && loop_lane_.is_idle() && pool_lane_.is_idle() && committed_ == made_;
}

bool Run::left_work() const {
  // The jobs of a chunk are not accepted before the chunk is back.
  const bool is_under_way = pool_lane_.busy_workers() > 0 || pool_lane_.has_undelivered();
  const Counts now = counts();
  return is_under_way || cut_short_ || now.interrupted > 0 || now.left > 0;
}

// --- Taking in

/// A stop meanwhile keeps none of them from being accepted.
aio::Coro<void> Run::take_in_known(Source& source) {
  std::vector<Job> jobs = source.take_known();
  std::size_t accepted = 0;
  for (Job& job : jobs) {
    const auto shared = std::make_shared<const Job>(std::move(job));
    const JobNumber number = admit(shared);
    if (!stopped_) dispatch(number, shared);
    if (++accepted % accepted_together == 0) co_await aio::sleep(0);
  }
}

aio::Coro<void> Run::take_in_lines(Source& source) {
  pool_lane_.expect_chunks(*source.parse_options(), options_.executor);
  for (;;) {
    co_await loop_lane_.until_room();
    source.give_memory(pool_lane_.take_text());
    std::optional<Chunk> chunk = co_await source.next();
    if (!chunk) co_return;
    try {
      co_await pool_lane_.until_room();
    } catch (const aio::CancelledError&) {
      cut_short_ = true;
      throw;
    }
    pool_lane_.add(*std::move(chunk));
  }
}

JobNumber Run::admit(JobPointer job) {
  JobChange change = ledger_.admit(std::move(job));
  const JobNumber number = change.number;
  make(std::move(change));
  return number;
}

void Run::dispatch(JobNumber number, JobPointer job) {
  if (executor_of(*job, options_.executor) == Executor::loop) {
    loop_lane_.add(number, std::move(job));
  } else {
    pool_lane_.add(number, std::move(job));
  }
}

// --- Changes

void Run::end(JobNumber number, Ending ending) { make(ledger_.end(number, std::move(ending))); }

void Run::add_chunk(ChunkChange chunk) {
  ledger_.add(chunk);
  make(std::move(chunk));
}

/// Every change goes to the store, and comes back when it is kept.
void Run::make(Change change) {
  ++made_;
  store_->commit(std::move(change));
}

void Run::act_on(Change change) {
  ++committed_;
  if (auto* const chunk = std::get_if<ChunkChange>(&change)) {
    const std::uint64_t accepted = chunk->counts.accepted;
    pool_lane_.give_records(sink_.take(std::move(chunk->records)));
    if (source_ && accepted > 0) source_->acknowledge(accepted);
  } else {
    tell(std::get<JobChange>(change));
  }
  commits_.wake_all();
  if (is_idle()) ended_.wake_all();
}

void Run::tell(const JobChange& change) {
  if (change.event == Event::admitted && source_) source_->acknowledge(1);
  if (!change.ending) return;
  std::string record;
  append(record,
         ResultRecord{change.job->id, kind_of(*change.job).name, change.attempt, *change.ending});
  sink_.write(record);
}

aio::Coro<void> Run::until_committed() {
  const std::uint64_t wanted = made_;
  co_await commits_.until([this, wanted] { return committed_ >= wanted || failure_; });
  if (committed_ < wanted) std::rethrow_exception(failure_);  // it may never be kept
}

void Run::fail(std::exception_ptr why) noexcept {
  if (!failure_) failure_ = std::move(why);
  commits_.wake_all();
  ended_.wake_all();
}

}  // namespace jobs
