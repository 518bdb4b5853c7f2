#pragma once

#include <chrono>
#include <concepts>
#include <exception>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"

/// What a scenario is made of: a function with a name, that says in order what happens. Its
/// counterpart in Python has the same name, and has to say the same.
namespace conformance {

using namespace std::chrono_literals;
using aio::Coro;

/// Registers a scenario: a coroutine function, which is run as the main task, or a function that is
/// given a loop that does not run.
struct Scenario {
  Scenario(const char* name, Coro<> (*main)());
  Scenario(const char* name, void (*with_loop)(aio::EventLoop&));
};

/// A scenario whose body follows: `SCENARIO(name) { … }` with `co_await`.
#define SCENARIO(name)                                     \
  static aio::Coro<> name();                               \
  static const conformance::Scenario name##_(#name, name); \
  static aio::Coro<> name()

/// The same for one that is given a loop that does not run, as `loop`.
#define LOOP_SCENARIO(name)                                \
  static void name(aio::EventLoop&);                       \
  static const conformance::Scenario name##_(#name, name); \
  static void name(aio::EventLoop& loop)

/// What fails in a scenario.
class Boom : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An exception in words that are the same in both languages.
std::string name_of(const std::exception_ptr& error);

inline std::string text(const std::string& value) { return value; }
inline std::string text(const char* value) { return value; }
inline std::string text(bool value) { return value ? "yes" : "no"; }
inline std::string text(std::monostate) { return "none"; }
inline std::string text(const std::exception_ptr& error) { return name_of(error); }
template <std::integral T>
std::string text(T value) {
  return std::to_string(value);
}
template <class T>
std::string text(const aio::Outcome<T>& outcome) {
  return outcome ? text(outcome.value()) : name_of(outcome.exception());
}
template <class T>
std::string text(const std::vector<T>& values) {
  std::string all;
  for (const auto& value : values) all += (all.empty() ? "" : ", ") + text(value);
  return "[" + all + "]";
}
template <class... T>
std::string text(const std::tuple<T...>& values) {
  std::string all;
  std::apply([&](const T&... value) { ((all += (all.empty() ? "" : ", ") + text(value)), ...); },
             values);
  return "[" + all + "]";
}

void print_line(const std::string& line);

template <class... T>
void trace(const T&... parts) {
  std::string line;
  ((line += (line.empty() ? "" : " ") + text(parts)), ...);
  print_line(line);
}

/// The time since the loop began, in milliseconds.
std::string at();

/// What awaiting gives, in words; it never throws.
template <class A>
Coro<std::string> outcome(A awaitable) {
  try {
    if constexpr (std::is_void_v<aio::detail::AwaitResult<A>>) {
      co_await std::move(awaitable);
      co_return "result none";
    } else {
      const auto result = co_await std::move(awaitable);
      co_return "result " + text(result);
    }
  } catch (...) {
    co_return name_of(std::current_exception());
  }
}

/// What calling gives, in words; it never throws.
template <class F>
std::string attempt(F f) {
  try {
    if constexpr (std::is_void_v<decltype(f())>) {
      f();
      return "result none";
    } else {
      return "result " + text(f());
    }
  } catch (...) {
    return name_of(std::current_exception());
  }
}

Coro<> fail(std::string what);

/// Says each turn of the loop.
Coro<> ticks(int count);
Coro<> turns(int count);

/// Runs a loop that does not run for so many turns.
void run_turns(aio::EventLoop& loop, int count);

}  // namespace conformance
