#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <string>

namespace {

/// What a fresh process, which has not used libuv's pool, says to `scenario`.
std::string probe(const std::string& environment, const std::string& scenario,
                  const std::string& how = "") {
  const std::string command = "env " + environment + " " + how + " " AIO_POOL_PROBE " " + scenario;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> buffer{};
  const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe);
  CHECK(::pclose(pipe) == 0);
  return {buffer.data(), count};
}

constexpr const char* unset = "-u UV_THREADPOOL_SIZE";

}  // namespace

TEST_CASE("executors share UV_THREADPOOL_SIZE threads but one") {
  CHECK(probe("UV_THREADPOOL_SIZE=4", "reserve 3") == "ok");
  CHECK(probe("UV_THREADPOOL_SIZE=4", "reserve 4") == "RuntimeError");
  CHECK(probe("UV_THREADPOOL_SIZE=4", "reserve 2 1") == "ok");
  CHECK(probe("UV_THREADPOOL_SIZE=4", "reserve 2 2") == "RuntimeError");
  CHECK(probe("UV_THREADPOOL_SIZE=1", "reserve 1") == "RuntimeError");
}

TEST_CASE("without UV_THREADPOOL_SIZE the pool is made as large as its executors want") {
  CHECK(probe(unset, "reserve 100 200") == "ok");
  CHECK(probe(unset, "reserve 1000 100") == "RuntimeError");
}

TEST_CASE("an executor made after the pool's first use has what was left for a default one") {
  CHECK(probe(unset, "after-use 3 1") == "ok");
  CHECK(probe(unset, "after-use 3 900") == "RuntimeError");
}

TEST_CASE("the pool becomes as large as the sum of what its users reserved, and one more") {
  CHECK(probe(unset, "reserve-threads 3 5 2") == "11");
  CHECK(probe(unset, "executor-beside-reserved 3 4") == "8");
}

TEST_CASE("threads that are reserved are had where UV_THREADPOOL_SIZE has them") {
  CHECK(probe("UV_THREADPOOL_SIZE=8", "reserve-threads 3 4") == "8");
  CHECK(probe("UV_THREADPOOL_SIZE=8", "reserve-after-use 3 4") == "ok");
  CHECK(probe("UV_THREADPOOL_SIZE=8", "reserve-after-use 3 5") == "RuntimeError");
}

TEST_CASE("a pool of reserved threads cannot grow once it was used") {
  CHECK(probe(unset, "reserve-after-use 3 1") == "RuntimeError");
  CHECK(probe(unset, "default-beside-reserved 3") == "RuntimeError");
}

TEST_CASE("reserved threads go back with the last handle and the last executor") {
  CHECK(probe("UV_THREADPOOL_SIZE=4", "release-reserved") == "ok");
}

TEST_CASE("a number of threads to reserve is from 1 to 1023") {
  CHECK(probe(unset, "reserve-after-use 0 1") == "ValueError");
  CHECK(probe(unset, "reserve-after-use 1024 1") == "ValueError");
  CHECK(probe(unset, "reserve-after-use 1023 1") == "RuntimeError");
}

TEST_CASE("a default executor finds workers after another executor has used the pool") {
  CHECK(probe(unset, "default-after 40") == "ok");
}

TEST_CASE("a reservation is released when its executor goes") {
  CHECK(probe("UV_THREADPOOL_SIZE=4", "released") == "ok");
}

TEST_CASE("[E2] work cancelled while it waits inside libuv never starts and is freed at once") {
  CHECK(probe("UV_THREADPOOL_SIZE=2", "cancel-within-libuv") == "ok");
}

TEST_CASE("all workers of an executor really run at a time") {
  CHECK(probe("UV_THREADPOOL_SIZE=6", "width 5") == "5");
  CHECK(probe(unset, "width 40") == "40");
}

TEST_CASE("the default executor takes what the pool has left") {
  CHECK(probe("UV_THREADPOOL_SIZE=3", "default-width 2") == "2");
}

TEST_CASE("others have a turn with libuv's pool while calls of an executor never stop waiting") {
  CHECK(probe("UV_THREADPOOL_SIZE=2", "leave-a-turn") == "ok");
}

TEST_CASE("a pool that was put in the background steps back, and nobody else does") {
  CHECK(probe(unset, "background") == "ok");
  CHECK(probe(unset, "background", "nice -n 5") == "ok");
}
