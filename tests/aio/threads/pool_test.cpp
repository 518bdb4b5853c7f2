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
