// Runs the scenarios in C++:
//
//     conformance-scenarios --all | NAME...
//
// prints `== NAME` and the trace of each, one event a line.

#include <functional>
#include <iostream>
#include <map>

#include "scenario.hpp"

namespace conformance {

namespace {

std::map<std::string, std::function<void()>>& scenarios() {
  static std::map<std::string, std::function<void()>> all;
  return all;
}

void report_to_trace(aio::EventLoop& loop) {
  loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext& context) {
    trace("reported", name_of(context.exception));
  });
}

Coro<> run_main(Coro<> (*main)()) {
  report_to_trace(aio::get_running_loop());
  co_await main();
}

void run_on_a_loop(void (*with_loop)(aio::EventLoop&)) {
  aio::EventLoop loop(aio::testing::virtual_time);
  report_to_trace(loop);
  with_loop(loop);
}

/// Runs a scenario with its trace on standard output.
void run_scenario(const std::string& name) {
  print_line("== " + name);
  try {
    scenarios().at(name)();
  } catch (...) {
    trace("the scenario failed:", std::current_exception());
  }
}

}  // namespace

Scenario::Scenario(const char* name, Coro<> (*main)()) {
  scenarios().emplace(name, [main] { aio::testing::run(run_main, main); });
}
Scenario::Scenario(const char* name, void (*with_loop)(aio::EventLoop&)) {
  scenarios().emplace(name, [with_loop] { run_on_a_loop(with_loop); });
}

std::string name_of(const std::exception_ptr& error) {
  if (!error) return "none";
  try {
    std::rethrow_exception(error);
  } catch (const Boom& boom) {
    return std::string("Boom(") + boom.what() + ")";
  } catch (const aio::CancelledError& cancelled) {
    const std::string& message = cancelled.message();
    return message.starts_with("because") ? "CancelledError(" + message + ")" : "CancelledError";
  } catch (const aio::ExceptionGroup& group) {
    return "ExceptionGroup" + text(group.exceptions());
  } catch (const aio::BrokenBarrierError&) {
    return "BrokenBarrierError";
  } catch (const aio::QueueEmpty&) {
    return "QueueEmpty";
  } catch (const aio::QueueFull&) {
    return "QueueFull";
  } catch (const aio::QueueShutDown&) {
    return "QueueShutDown";
  } catch (const aio::TimeoutError&) {
    return "TimeoutError";
  } catch (const aio::ValueError&) {
    return "ValueError";
  } catch (const aio::RuntimeError&) {
    return "RuntimeError";
  } catch (const aio::InvalidStateError&) {
    return "InvalidStateError";
  } catch (const std::exception& other) {
    return std::string("something else: ") + other.what();
  } catch (...) {
    return "something else";
  }
}

void print_line(const std::string& line) { std::cout << line << std::endl; }

std::string at() {
  const auto time = aio::get_running_loop().time().time_since_epoch();
  return "@" + std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

Coro<> fail(std::string what) {
  throw Boom(what);
  co_return;
}

Coro<> ticks(int count) {
  for (int turn = 1; turn <= count; ++turn) {
    trace("turn", turn);
    co_await aio::sleep(0);
  }
}

Coro<> turns(int count) {
  for (int i = 0; i < count; ++i) co_await aio::sleep(0);
}

void run_turns(aio::EventLoop& loop, int count) {
  for (int i = 0; i < count; ++i) {
    loop.stop();
    loop.run_forever();
  }
}

}  // namespace conformance

int main(int argc, char** argv) {
  std::vector<std::string> names(argv + 1, argv + argc);
  if (names == std::vector<std::string>{"--all"}) {
    names.clear();
    for (const auto& [name, run] : conformance::scenarios()) names.push_back(name);
  }
  for (const std::string& name : names) {
    if (!conformance::scenarios().contains(name)) {
      std::cerr << "conformance-scenarios: no scenario is called " << name << '\n';
      return 64;
    }
    conformance::run_scenario(name);
  }
  return names.empty() ? 64 : 0;
}
