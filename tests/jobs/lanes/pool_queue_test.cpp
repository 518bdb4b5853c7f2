#include "jobs/lanes/pool_queue.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "jobs/kinds/start.hpp"
#include "jobs/run/run_support.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Attempt;
using jobs::JobNumber;
using jobs::PoolQueue;
using Numbers = std::vector<std::uint64_t>;

Attempt check(std::uint64_t number) {
  return {JobNumber{number}, std::make_shared<const jobs::Job>(support::slow_prime("p"))};
}

Attempt begun_check(std::uint64_t number) {
  Attempt attempt = check(number);
  attempt.work = jobs::start_stepped(attempt.job);
  std::string records;
  REQUIRE_FALSE(attempt.work->step(records));
  return attempt;
}

Attempt countdown(std::uint64_t number) {
  return {JobNumber{number}, std::make_shared<const jobs::Job>(support::countdown("c", 1, 1s))};
}

Numbers numbers_of(const std::vector<Attempt>& attempts) {
  Numbers numbers;
  for (const Attempt& attempt : attempts) {
    numbers.push_back(static_cast<std::uint64_t>(attempt.number));
  }
  return numbers;
}

}  // namespace

TEST_SUITE_BEGIN("pool_queue");

TEST_CASE("jobs that compute are taken together, in their order") {
  PoolQueue queue;
  CHECK(queue.take().empty());
  for (std::uint64_t i = 1; i <= PoolQueue::together_max + 2; ++i) queue.add(check(i));
  CHECK(queue.take().size() == PoolQueue::together_max);
  CHECK(numbers_of(queue.take()) ==
        Numbers{PoolQueue::together_max + 1, PoolQueue::together_max + 2});
  CHECK(queue.empty());
}

TEST_CASE("a job that waits is taken alone, and ends what is taken together") {
  PoolQueue queue;
  queue.add(check(1));
  queue.add(countdown(2));
  queue.add(countdown(3));
  queue.add(check(4));
  CHECK(numbers_of(queue.take()) == Numbers{1});
  CHECK(numbers_of(queue.take()) == Numbers{2});
  CHECK(numbers_of(queue.take()) == Numbers{3});
  CHECK(numbers_of(queue.take()) == Numbers{4});
}

TEST_CASE("jobs that have begun come first, each alone, in the order of their coming") {
  PoolQueue queue;
  queue.add(check(1));
  queue.add(begun_check(2));
  queue.add(begun_check(3));
  CHECK(queue.begun() == 2);
  CHECK(numbers_of(queue.take()) == Numbers{2});
  CHECK(queue.begun() == 1);
  CHECK(numbers_of(queue.take()) == Numbers{3});
  CHECK(numbers_of(queue.take()) == Numbers{1});
}

TEST_CASE("jobs that come back go to where they were, and the one that has begun to the front") {
  PoolQueue queue;
  queue.add(begun_check(7));
  queue.add(check(8));
  std::vector<Attempt> returned;
  returned.push_back(begun_check(1));
  returned.push_back(check(2));
  returned.push_back(check(3));
  queue.put_back(std::move(returned));
  CHECK(queue.begun() == 2);
  CHECK(numbers_of(queue.take()) == Numbers{1});
  CHECK(numbers_of(queue.take()) == Numbers{7});
  CHECK(numbers_of(queue.take()) == Numbers{2, 3, 8});
}

TEST_CASE("a stop drops what has not begun and leaves the rest to be taken") {
  PoolQueue queue;
  queue.add(begun_check(1));
  queue.add(check(2));
  queue.add(begun_check(3));
  queue.add(countdown(4));
  queue.drop_not_begun();
  CHECK(queue.size() == 2);
  CHECK(numbers_of(queue.take_begun()) == Numbers{1, 3});
  CHECK(queue.empty());
  CHECK(queue.begun() == 0);
}
