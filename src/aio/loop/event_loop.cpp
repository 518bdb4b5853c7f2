#include "aio/event_loop.hpp"

#include <chrono>

#include "aio/loop/loop_core.hpp"
#include "aio/testing.hpp"

namespace aio {

using detail::LoopCore;

EventLoop::EventLoop() : core_(detail::make_ref<LoopCore>(*this, LoopCore::Time::real)) {}

EventLoop::EventLoop(testing::VirtualTime)
    : core_(detail::make_ref<LoopCore>(*this, LoopCore::Time::virtual_time)) {}

EventLoop::EventLoop(testing::VirtualTime time, testing::Seed seed) : EventLoop(time) {
  core_->shuffle.emplace(seed.number());
}

EventLoop::EventLoop(Borrowed, uv_loop_s* loop)
    : core_(detail::make_ref<LoopCore>(*this, LoopCore::Time::real, loop)) {}

EventLoop::~EventLoop() {
  detail::require(!is_running(), "an event loop was destroyed while it ran");
  close();
  core_->event_loop = nullptr;
  core_->exception_handler = nullptr;
  core_->task_factory = nullptr;
  core_->end_holding_here();
}

detail::LoopState& EventLoop::state() const { return *core_; }

// --- Running

void EventLoop::require_can_run() const {
  state().require_open();
  detail::require_no_running_loop("run_until_complete()");
}

void EventLoop::run_until_done(detail::FutureBase& future) {
  const AnyFuture handle{detail::Ref<detail::FutureBase>(future)};
  const DoneHandle on_done = handle.add_done_callback([this](const AnyFuture&) { stop(); });
  run_forever();
  handle.cancel_done_callback(on_done);  // else it would stop the next run, where `stop` came first
  if (!future.done()) throw RuntimeError("Event loop stopped before Future completed.");
}

void EventLoop::run_forever() { core_->run_forever(); }
void EventLoop::stop() { core_->stop(); }
bool EventLoop::is_running() const { return core_->is_running(); }
bool EventLoop::is_closed() const { return core_->is_closed(); }
void EventLoop::close() { core_->close(); }
TimePoint EventLoop::time() const { return core_->now(); }
std::uint64_t EventLoop::turn_count() const { return core_->turn_count(); }

EventLoop& get_running_loop() { return *detail::require_running_loop().event_loop; }

std::vector<AnyTask> all_tasks(EventLoop& loop) {
  std::vector<AnyTask> tasks;
  for (detail::TaskCore& task : loop.state().tasks) tasks.emplace_back(task);
  return tasks;
}

void EventLoop::hold_owner() { core_->hold_owner(); }

void EventLoop::set_task_factory(TaskFactory factory) { core_->task_factory = std::move(factory); }

const TaskFactory& EventLoop::get_task_factory() const { return core_->task_factory; }

// --- Callbacks

void EventLoop::schedule(detail::Ref<detail::Callback> callback) {
  core_->ready.push(*callback.detach());
  core_->hold_owner();
}

void EventLoop::schedule_threadsafe(detail::Ref<detail::Callback> callback) {
  // On the loop's own thread the order with call_soon is kept.
  if (detail::running_loop() == core_.get()) return schedule(std::move(callback));
  if (!core_->poller.post(std::move(callback))) throw RuntimeError("Event loop is closed");
}

void EventLoop::schedule_at(detail::TimerCallback& callback) {
  core_->timers.arm(callback, callback.when());
  callback.add_ref();  // the heap's
  core_->hold_owner();
}

// --- Signals and file descriptors

Handle EventLoop::set_signal_handler(int signal, std::function<void()> handler) {
  state().require_open();
  return Handle(core_->signals.set(signal, std::move(handler)));
}

bool EventLoop::remove_signal_handler(int signal) { return core_->signals.remove(signal); }

void EventLoop::set_reader(int fd, std::function<void()> reader) {
  state().require_open();
  core_->descriptors.set(fd, detail::Descriptors::Direction::read, std::move(reader));
}

void EventLoop::set_writer(int fd, std::function<void()> writer) {
  state().require_open();
  core_->descriptors.set(fd, detail::Descriptors::Direction::write, std::move(writer));
}

bool EventLoop::remove_reader(int fd) {
  return core_->descriptors.remove(fd, detail::Descriptors::Direction::read);
}

bool EventLoop::remove_writer(int fd) {
  return core_->descriptors.remove(fd, detail::Descriptors::Direction::write);
}

// --- Errors

void EventLoop::set_exception_handler(ExceptionHandler handler) {
  core_->exception_handler = std::move(handler);
}

const ExceptionHandler& EventLoop::get_exception_handler() const {
  return core_->exception_handler;
}

void EventLoop::default_exception_handler(const ExceptionContext& context) noexcept {
  detail::print_report(context);
}

void EventLoop::call_exception_handler(const ExceptionContext& context) noexcept {
  if (!core_->exception_handler) return default_exception_handler(context);
  try {
    // A copy: the handler may replace itself while it runs.
    const ExceptionHandler handler = core_->exception_handler;
    handler(*this, context);
  } catch (...) {
    default_exception_handler(
        {"Unhandled error in exception handler", std::current_exception(), context.source});
    default_exception_handler(context);
  }
}

// --- Debugging

void EventLoop::set_debug(bool enabled) { core_->debug = enabled; }
bool EventLoop::get_debug() const { return core_->debug; }
void EventLoop::set_slow_callback_duration(Duration duration) {
  core_->slow_callback_duration = duration;
}
Duration EventLoop::get_slow_callback_duration() const { return core_->slow_callback_duration; }

}  // namespace aio
