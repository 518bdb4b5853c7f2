#include "jobs/list/id_set.hpp"

#include <doctest/doctest.h>

#include <string>

TEST_SUITE_BEGIN("id_set");

TEST_CASE("an id is new once") {
  jobs::IdSet ids;
  CHECK(ids.insert("A"));
  CHECK(ids.insert("B"));
  CHECK_FALSE(ids.insert("A"));
  CHECK(ids.size() == 2);
}

TEST_CASE("ids differ by every byte, by length, and by what follows a zero byte") {
  jobs::IdSet ids;
  CHECK(ids.insert(""));
  CHECK(ids.insert(std::string_view("\0", 1)));
  CHECK(ids.insert(std::string_view("\0\0", 2)));
  CHECK(ids.insert(std::string_view("\0a", 2)));
  CHECK(ids.insert("job-1"));
  CHECK(ids.insert("job-10"));
  CHECK(ids.insert(std::string(128, 'x')));
  CHECK(ids.insert(std::string(127, 'x') + 'y'));
  CHECK_FALSE(ids.insert(""));
  CHECK_FALSE(ids.insert(std::string(128, 'x')));
  CHECK(ids.size() == 8);
}

TEST_CASE("a set that has grown still knows every id") {
  constexpr std::size_t count = 20'000;
  jobs::IdSet ids;
  for (std::size_t i = 0; i < count; ++i) REQUIRE(ids.insert("id-" + std::to_string(i)));
  for (std::size_t i = 0; i < count; ++i) REQUIRE_FALSE(ids.insert("id-" + std::to_string(i)));
  CHECK(ids.insert("another"));
  CHECK(ids.size() == count + 1);
}

TEST_CASE("an id takes at most 48 bytes, from 10 000 ids on, also while the set grows") {
  jobs::IdSet ids;
  for (std::size_t count = 1; count <= 300'000; ++count) {
    ids.insert("a name that is longer than its fingerprint, number " + std::to_string(count));
    if (count < 10'000) continue;
    REQUIRE(ids.memory_bytes() <= 48 * ids.size());
    // The peak lies at or before this moment, when there were as many ids or fewer.
    REQUIRE(ids.peak_memory_bytes() <= 48 * ids.size());
  }
  CHECK(ids.size() == 300'000);
}

TEST_CASE("an empty set holds nothing") {
  const jobs::IdSet ids;
  CHECK(ids.size() == 0);
  CHECK(ids.memory_bytes() == 0);
}

TEST_SUITE_END();
