#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "aio/detail/process_pool.hpp"
#include "aio/event_loop.hpp"
#include "aio/process_function.hpp"

namespace aio {

/// The error of a call whose worker process has ended without an answer:
/// it crashed, exited, or was killed. It names the signal or the exit code. Other calls are not
/// concerned.
class BrokenProcessPool : public RuntimeError {
 public:
  using RuntimeError::RuntimeError;
};

/// An exception that a function threw in a worker process, of a type that does not travel. The
/// common ones of the standard library's exceptions and aio's come back as what they were; what
/// derives from them does not.
class RemoteError : public std::runtime_error {
 public:
  RemoteError(std::string type_name, std::string message)
      : std::runtime_error(type_name + (message.empty() ? "" : ": " + message)),
        type_name_(std::move(type_name)),
        message_(std::move(message)) {}

  /// The type of the exception.
  const std::string& type_name() const { return type_name_; }
  /// Its text; empty if it was no std::exception.
  const std::string& message() const { return message_; }

 private:
  std::string type_name_;
  std::string message_;
};

/// Whether this process is a worker of a ProcessPoolExecutor: the first thing that the `main` of a
/// program with such an executor asks.
///
///     int main() {
///       if (aio::is_process_worker()) return aio::process_worker_main();
bool is_process_worker();

/// Serves the executor that started this process until that hangs up or ends, and returns what
/// `main` is to return. Aborts in a process that is no worker.
int process_worker_main();

/// Calls functions in worker processes, at most `max_workers` of them, that it starts when needed
/// and keeps. They are copies of the running program, so its `main` has to begin with the question
/// above, and the functions have to be made known with `process_function`. A handle: copies refer
/// to the same executor.
///
/// A worker that ends in the middle of a call fails this call with BrokenProcessPool, and is
/// replaced; cancelling a call kills its worker. The workers write to the program's standard output
/// and error, have an empty standard input, ignore SIGINT, and end when the program does, however
/// that ends. Closing the loop kills those that work, and waits for all.
///
/// One loop at a time may use an executor, on that loop's thread, from the first call until its
/// workers have ended.
class ProcessPoolExecutor {
 public:
  /// As many workers as there are CPUs, or `max_workers`. Throws ValueError for 0.
  ProcessPoolExecutor();
  explicit ProcessPoolExecutor(unsigned max_workers);

  /// Accepts no more work; submitted work goes on, and then the workers end. Done too when the
  /// last handle is dropped.
  void shutdown() const;

  unsigned max_workers() const;
  PoolStatistics statistics() const;

  /// Resumes when nothing is queued or running any more and, after `shutdown`, all workers have
  /// ended.
  Coro<void> join() const;

  /// The shared state, for the loop.
  detail::ProcessPool& pool() const { return *pool_; }

 private:
  class Owner;
  detail::Ref<detail::ProcessPool> pool_;
  std::shared_ptr<Owner> owner_;
};

namespace detail {

/// A call in a worker process with the future of its result.
template <class T>
class BoundProcessWork final : public ProcessWork {
 public:
  BoundProcessWork(Ref<PoolFuture<T>> future, std::string name, std::string request)
      : ProcessWork(future->loop(), std::move(name), std::move(request)),
        future_(std::move(future)) {}

  void abandon() noexcept override {
    drop_request();
    if (const Ref<PoolFuture<T>> future = std::exchange(future_, nullptr)) future->forget();
  }

 private:
  void deliver() noexcept override {
    const Ref<PoolFuture<T>> future = future_;
    abandon();
    if (!future || future->finish_if_cancelled()) return;
    try {
      switch (reply().index()) {
        case 0: future->cancel(CancelledError("its loop was closed")); break;
        case 1: future->set_value(read_result()); break;
        default: future->set_exception(std::get<2>(reply()));
      }
    } catch (...) {
      future->set_exception(std::current_exception());  // a Serializer threw
    }
  }

  ValueOf<T> read_result() const {
    ByteReader reader(std::get<1>(reply()));
    auto result = reader.read<ValueOf<T>>();
    reader.require_end();
    return result;
  }

  Ref<PoolFuture<T>> future_;
};

}  // namespace detail

template <class R, class... Params, class... Args>
  requires detail::ProcessArguments<std::tuple<Params...>, Args...>
Future<R> EventLoop::run_in_executor(const ProcessPoolExecutor& executor,
                                     const ProcessFunction<R(Params...)>& f, Args&&... args) {
  return run_in_executor(executor, PoolOptions(), f, std::forward<Args>(args)...);
}

template <class R, class... Params, class... Args>
  requires detail::ProcessArguments<std::tuple<Params...>, Args...>
Future<R> EventLoop::run_in_executor(const ProcessPoolExecutor& executor, PoolOptions options,
                                     const ProcessFunction<R(Params...)>& f, Args&&... args) {
  state().require_open();
  auto future = detail::make_ref<detail::PoolFuture<R>>(state(), options.on_cancel());
  auto work =
      detail::make_ref<detail::BoundProcessWork<R>>(future, f.name(), f.make_request(args...));
  future->follow(*work);
  try {
    executor.pool().submit(detail::Ref<detail::ProcessWork>(work), options.priority());
  } catch (...) {
    work->abandon();
    throw;
  }
  return Future<R>(detail::Ref<detail::FutureState<R>>(std::move(future)));
}

}  // namespace aio
