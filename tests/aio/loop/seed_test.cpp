#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/loop_test.hpp"

using namespace support;
using aio::Coro;
using aio::testing::seed;

namespace {

Coro<void> note_steps(std::string& log, char name, int steps) {
  for (int i = 0; i < steps; ++i) {
    log += name;
    co_await aio::sleep(0);
  }
}

/// Five tasks of three steps each, and callbacks between them.
Coro<std::string> order_of_steps(std::string& callbacks) {
  std::string log;
  std::vector<aio::Task<>> tasks;
  for (const char name : {'a', 'b', 'c', 'd', 'e'}) {
    tasks.push_back(aio::create_task(note_steps(log, name, 3)));
    aio::get_running_loop().call_soon([&callbacks, name] { callbacks += name; });
  }
  for (const auto& task : tasks) co_await task;
  co_return log;
}

std::string order_with(std::uint64_t number) {
  std::string callbacks;
  const std::string order = aio::testing::run(seed(number), order_of_steps(callbacks));
  CHECK(callbacks == "abcde");
  return order;
}

/// A wake-up that is lost if the one who wakes comes between the look and the wait of the other.
class Mailbox {
 public:
  Coro<void> wait_for_mail() {
    if (has_mail_) co_return;
    co_await aio::sleep(0);
    waiter_ = aio::get_running_loop().create_future();
    co_await waiter_;
  }
  Coro<void> deliver() {
    co_await aio::sleep(0);
    has_mail_ = true;
    if (waiter_) waiter_.set_result();
  }

 private:
  bool has_mail_ = false;
  aio::Future<> waiter_;
};

Coro<void> exchange_mail() {
  Mailbox box;
  const auto reader = aio::create_task(box.wait_for_mail());
  const auto writer = aio::create_task(box.deliver());
  aio::get_running_loop().call_later(1h, [reader] { reader.cancel("nobody woke it"); });
  const auto outcome = co_await outcome_of(reader);
  co_await writer;
  if (!outcome.returned) throw std::runtime_error("lost wake-up");
}

bool fails_with(std::uint64_t number) {
  const CapturedStderr captured;
  try {
    aio::testing::run(seed(number), exchange_mail());
    CHECK(captured.text().empty());
    return false;
  } catch (const std::runtime_error&) {
    const std::string text = std::to_string(number);
    CHECK(captured.text() ==
          "aio: failed with seed " + text + "; AIO_SEED=" + text + " repeats it\n");
    return true;
  }
}

}  // namespace

TEST_CASE("a seed gives the same order of steps every time and other seeds give others") {
  std::set<std::string> orders;
  for (std::uint64_t number = 0; number < 20; ++number) {
    const std::string order = order_with(number);
    CHECK(order_with(number) == order);
    orders.insert(order);
    REQUIRE(order.size() == 15);
    for (std::size_t turn = 0; turn < 15; turn += 5) {  // in every turn, each of them once
      std::string steps = order.substr(turn, 5);
      std::ranges::sort(steps);
      CHECK(steps == "abcde");
    }
  }
  CHECK(orders.size() == 20);
}

TEST_CASE("without a seed tasks take their steps in the order in which they became ready") {
  std::string callbacks;
  CHECK(aio::testing::run(order_of_steps(callbacks)) == "abcdeabcdeabcde");
  CHECK(callbacks == "abcde");
}

TEST_CASE("a lost wake-up that the usual order hides is found within a few seeds, for good") {
  aio::testing::run(exchange_mail());
  int failures = 0;
  for (std::uint64_t number = 0; number < 32; ++number) {
    const bool fails = fails_with(number);
    CHECK(fails_with(number) == fails);
    failures += fails;
  }
  CHECK(failures > 0);
  CHECK(failures < 32);
}

TEST_CASE("a loop of one's own takes a seed too") {
  const auto run_on_own = [](std::uint64_t number) {
    aio::EventLoop loop(aio::testing::virtual_time, seed(number));
    std::string callbacks;
    return loop.run_until_complete(order_of_steps(callbacks));
  };
  CHECK(run_on_own(3) == order_with(3));
  CHECK(run_on_own(4) == order_with(4));
}

TEST_CASE("the environment gives the seed, or chance does") {
  ::setenv("AIO_SEED", "18446744073709551615", 1);
  CHECK(seed().number() == 18446744073709551615U);
  for (const char* const wrong : {"", "x", "1x", "-1", "18446744073709551616"}) {
    ::setenv("AIO_SEED", wrong, 1);
    CHECK_THROWS_AS(seed(), aio::ValueError);
  }
  ::unsetenv("AIO_SEED");
  std::set<std::uint64_t> seeds;
  for (int i = 0; i < 10; ++i) seeds.insert(seed().number());
  CHECK(seeds.size() > 1);
}
