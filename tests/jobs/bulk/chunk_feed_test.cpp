#include "jobs/bulk/chunk_feed.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>

namespace {

using jobs::ChunkFeed;

constexpr std::size_t large = 65'536;
constexpr std::size_t largest_kept = 1'048'576;

std::string memory_of(std::size_t bytes) {
  std::string memory;
  memory.reserve(bytes);
  return memory;
}

bool has_memory(const std::string& text) { return text.capacity() > std::string().capacity(); }

jobs::Chunk chunk(std::uint64_t first_line) {
  jobs::Chunk lines;
  lines.first_line = first_line;
  return lines;
}

}  // namespace

TEST_SUITE_BEGIN("line_feed");

TEST_CASE("chunks leave in the order of their coming") {
  ChunkFeed feed(2);
  CHECK(feed.empty());
  CHECK_FALSE(feed.pop());
  feed.push(chunk(1));
  feed.push(chunk(2));
  feed.push(chunk(3));  // what it keeps of memory bounds no chunks
  CHECK(feed.size() == 3);
  CHECK(feed.pop().value().first_line == 1);
  CHECK(feed.pop().value().first_line == 2);
  CHECK(feed.clear());
  CHECK(feed.empty());
  CHECK_FALSE(feed.clear());
}

TEST_CASE("memory comes back empty with all its room and once") {
  ChunkFeed feed(2);
  std::string text(large, 'x');
  const std::size_t room = text.capacity();
  feed.give_text(std::move(text));
  CHECK_FALSE(has_memory(feed.take_records()));  // those are kept apart
  const std::string again = feed.take_text();
  CHECK(again.empty());
  CHECK(again.capacity() == room);
  CHECK_FALSE(has_memory(feed.take_text()));
}

TEST_CASE("no more memory is kept than for so many chunks and the records of as many") {
  ChunkFeed feed(3);
  for (int i = 0; i < 5; ++i) {
    feed.give_text(memory_of(large));
    feed.give_records(memory_of(large));
  }
  for (int i = 0; i < 3; ++i) {
    CHECK(has_memory(feed.take_text()));
    CHECK(has_memory(feed.take_records()));
  }
  CHECK_FALSE(has_memory(feed.take_text()));
  CHECK_FALSE(has_memory(feed.take_records()));
  feed.give_text(memory_of(large));  // there is room for it again
  CHECK(has_memory(feed.take_text()));
}

TEST_CASE("what is seldom so large is not kept nor what takes no memory") {
  ChunkFeed feed(1);
  feed.give_text(memory_of(largest_kept + 1));
  CHECK_FALSE(has_memory(feed.take_text()));
  feed.give_text({});  // takes no place
  feed.give_text(memory_of(largest_kept));
  CHECK(feed.take_text().capacity() >= largest_kept);
}
