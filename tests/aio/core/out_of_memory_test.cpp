#include <doctest/doctest.h>
#include <sys/resource.h>

#include <new>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "support/count_malloc.hpp"

using namespace support;

namespace {

aio::Coro<void> nothing() { co_return; }

/// The system gives the program no more memory; what it has it may use.
class NoMoreMemory {
 public:
  NoMoreMemory() {
    REQUIRE(getrlimit(RLIMIT_AS, &before_) == 0);
    const rlimit none{0, before_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_AS, &none) == 0);
  }
  NoMoreMemory(const NoMoreMemory&) = delete;
  NoMoreMemory& operator=(const NoMoreMemory&) = delete;
  ~NoMoreMemory() { setrlimit(RLIMIT_AS, &before_); }

 private:
  rlimit before_{};
};

/// Calls `f` until it finds no memory, `times` times at most; how often it found some.
template <class F>
std::size_t until_out_of_memory(std::size_t times, F f) {
  for (std::size_t i = 0; i < times; ++i) {
    try {
      f();
    } catch (const std::bad_alloc&) {
      return i;
    }
  }
  return times;
}

}  // namespace

TEST_CASE("a task for which the ready queue has no memory is none of its loop's tasks") {
  if (!counts_malloc()) return;  // sanitizers need memory of their own
  constexpr std::size_t many = 1000;
  // As large as what the ready queue grows by: more than a few of them are in one slab.
  constexpr std::size_t block_size = aio::detail::block_size_max;
  aio::EventLoop loop;
  std::vector<aio::Task<void>> tasks;
  std::vector<void*> blocks;
  tasks.reserve(many);
  blocks.reserve(many);
  aio::TaskOptions options;
  SUBCASE("with no options") {}
  SUBCASE("with a name") { options = std::move(options).name("named"); }
  const auto make_task = [&] {
    tasks.push_back(options.get_name().empty() ? loop.create_task(nothing())
                                               : loop.create_task(nothing(), options));
  };
  for (std::size_t i = 0; i < many; ++i) make_task();
  loop.run_until_complete(aio::sleep(0));
  tasks.clear();  // their frames are there to be used again
  std::size_t made = 0;
  {
    const NoMoreMemory scope;
    until_out_of_memory(many, [&] { blocks.push_back(aio::detail::allocate_block(block_size)); });
    made = until_out_of_memory(many, make_task);
  }
  for (void* const block : blocks) aio::detail::free_block(block, block_size);
  CHECK(blocks.size() < many);
  CHECK(made > 0);
  CHECK(made < many);
  CHECK(aio::all_tasks(loop).size() == made);
  loop.run_until_complete(aio::sleep(0));
  for (const aio::Task<void>& task : tasks) CHECK(task.done());
  CHECK(aio::all_tasks(loop).empty());
}
