#include "aio/detail/block_pool.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "aio/testing.hpp"
#include "support/count_malloc.hpp"
#include "support/loop_test.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

using namespace support;
using aio::Coro;
using aio::detail::allocate_block;
using aio::detail::free_block;

namespace {

Coro<int> add(int a, int b) { co_return a + b; }

Coro<int> add_later(int a, int b) {
  co_await aio::sleep(0);
  co_return co_await add(a, b);
}

/// How much is taken from the heap by `step` once it has been taken a few times.
template <class F>
Coro<std::size_t> mallocs_in_steady_state(F step) {
  for (int i = 0; i < 1000; ++i) co_await step();
  const std::size_t before = malloc_count();
  for (int i = 0; i < 1000; ++i) co_await step();
  co_return malloc_count() - before;
}

/// The same on a loop of its own, with real and with virtual time.
template <class F>
void check_takes_nothing(F step) {
  if (!counts_malloc()) return;
  CHECK(aio::run(mallocs_in_steady_state(step)) == 0);
  CHECK(aio::testing::run(mallocs_in_steady_state(step)) == 0);
}

/// How much of this program is in memory.
std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

constexpr std::size_t few_slabs = 4'000'000;

}  // namespace

TEST_CASE("a sleep takes nothing from the heap in the long run") {
  check_takes_nothing([]() -> Coro<void> {
    co_await aio::sleep(0);
    co_await aio::sleep(1ns);
  });
}

TEST_CASE("awaiting coroutines takes nothing from the heap in the long run") {
  check_takes_nothing([]() -> Coro<void> {
    int sum = 0;
    for (int i = 0; i < 10; ++i) sum = co_await add_later(sum, i);
    if (sum != 45) throw std::logic_error("wrong sum");
  });
}

TEST_CASE("making and joining a small task takes nothing from the heap in the long run") {
  check_takes_nothing([]() -> Coro<void> {
    const auto later = aio::create_task(add_later(1, 2), "small");
    const auto called = aio::create_task(add, 3, 4);
    const auto eager = aio::create_task(add(5, 6), aio::TaskOptions().eager_start());
    int sum = co_await later;
    sum += co_await called;
    sum += co_await eager;
    if (sum != 21) throw std::logic_error("wrong sum");
  });
}

TEST_CASE("awaiting a future that a callback sets takes nothing from the heap in the long run") {
  check_takes_nothing([]() -> Coro<void> {
    aio::EventLoop& loop = aio::get_running_loop();
    const auto future = loop.create_future<int>();
    const auto timer = loop.call_later(1h, [] {});
    loop.call_soon([future] { future.set_result(1); });
    static_cast<void>(co_await future);
    timer.cancel();
  });
}

TEST_CASE("a block that was freed is the next one of its size") {
#if defined(__SANITIZE_ADDRESS__)
  void* const block = allocate_block(100);
  free_block(block, 100);
  CHECK(__asan_address_is_poisoned(block));
#else
  void* const block = allocate_block(100);
  void* const other = allocate_block(100);
  CHECK(block != other);
  free_block(block, 100);
  void* const larger = allocate_block(129);
  CHECK(larger != block);
  void* const again = allocate_block(97);
  CHECK(again == block);
  free_block(again, 97);
  free_block(other, 100);
  free_block(larger, 129);
#endif
}

TEST_CASE("blocks of every size hold what they are for") {
  std::vector<std::pair<void*, std::size_t>> blocks;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t size = 1; size <= 2200; ++size) {
      void* const block = allocate_block(size);
      std::memset(block, static_cast<int>(size), size);
      const std::size_t alignment = size % 16 == 0 ? 16 : 8;  // what such an object can need
      CHECK(reinterpret_cast<std::uintptr_t>(block) % alignment == 0);
      blocks.emplace_back(block, size);
    }
    for (const auto& [block, size] : blocks) {
      CHECK(*static_cast<unsigned char*>(block) == static_cast<unsigned char>(size));
      free_block(block, size);
    }
    blocks.clear();
  }
}

TEST_CASE("no more blocks are kept than a bound") {
  if (!counts_malloc()) return;
  constexpr std::size_t size = 1000;
  std::vector<void*> blocks(100'000);
  const std::size_t before = resident_bytes();
  for (void*& block : blocks) block = allocate_block(size);
  CHECK(resident_bytes() > before + 80'000'000);
  for (void* block : blocks) free_block(block, size);
  CHECK(resident_bytes() < before + few_slabs);
}

TEST_CASE("blocks that one thread takes and another frees go back to the system") {
  if (!counts_malloc()) return;
  constexpr std::size_t size = 500;
  const std::size_t before = resident_bytes();
  for (int round = 0; round < 3; ++round) {
    std::vector<void*> blocks(20'000);
    for (void*& block : blocks) block = allocate_block(size);
    std::thread([&blocks] {
      for (void* block : blocks) free_block(block, size);
    }).join();
  }
  CHECK(resident_bytes() < before + few_slabs);
}

TEST_CASE("no block is handed out twice, whoever frees it") {
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::vector<std::uint64_t*> shared;
  const auto work = [&](std::uint64_t seed) {
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      auto* const mine = static_cast<std::uint64_t*>(allocate_block(72));
      *mine = seed + i;
      std::uint64_t* other = nullptr;
      {
        const std::lock_guard lock(mutex);
        shared.push_back(mine);
        if (shared.size() > 5000) {
          other = shared[i % shared.size()];
          std::swap(shared[i % shared.size()], shared.back());
          shared.pop_back();
        }
      }
      if (!other) continue;
      *other = 0;
      free_block(other, 72);
    }
  };
  for (std::uint64_t i = 1; i <= 4; ++i) threads.emplace_back(work, i << 32);
  for (std::thread& thread : threads) thread.join();
  std::set<std::uint64_t> seen;
  for (std::uint64_t* block : shared) {
    CHECK(seen.insert(*block).second);
    CHECK(*block != 0);
    free_block(block, 72);
  }
}

TEST_CASE("a thread that ends gives back what it kept") {
  if (!counts_malloc()) return;
  constexpr std::size_t size = 200;
  const auto work = [] {
    std::vector<void*> blocks(1000);
    for (void*& block : blocks) block = allocate_block(size);
    for (void* block : blocks) free_block(block, size);
  };
  std::thread(work).join();
  const std::size_t before = resident_bytes();
  for (int i = 0; i < 100; ++i) std::thread(work).join();
  CHECK(resident_bytes() < before + few_slabs);  // of the 20 MB that they had
}

TEST_CASE("a future may be dropped on another thread") {
  aio::EventLoop loop;
  for (int i = 0; i < 100; ++i) {
    std::thread([future = loop.create_future<int>()] {}).join();
  }
}

TEST_CASE("an object that is aligned more than most keeps its alignment") {
  struct alignas(64) Aligned {
    char bytes[64];
  };
  aio::EventLoop loop;
  std::vector<aio::Future<Aligned>> futures;
  for (int i = 0; i < 10; ++i) {
    const auto future = loop.create_future<Aligned>();
    future.set_result(Aligned());
    CHECK(reinterpret_cast<std::uintptr_t>(&future.result()) % 64 == 0);
    futures.push_back(future);
  }
}
