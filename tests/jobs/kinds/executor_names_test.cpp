#include "jobs/kinds/executor_names.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "jobs/json/piece.hpp"

using jobs::Executor;
using tests::Piece;

TEST_SUITE("kinds: names of executors") {
  TEST_CASE("each executor has its name") {
    CHECK(jobs::executors.find("loop") == Executor::loop);
    CHECK(jobs::executors.find("thread") == Executor::thread);
    CHECK_FALSE(jobs::executors.find("threads").has_value());
  }

  TEST_CASE("the name of an executor is read from a list, and one that comes later is refused") {
    Piece thread(R"("thread")");
    CHECK(jobs::detail::read_executor(thread.scope(), 0) == Executor::thread);
    CHECK(thread.messages().empty());
    Piece process(R"("process")");
    CHECK_FALSE(jobs::detail::read_executor(process.scope(), 0).has_value());
    CHECK(process.messages() ==
          std::vector<std::string>{
              R"(the executor "process" comes later; expected "loop" or "thread")"});
  }
}
