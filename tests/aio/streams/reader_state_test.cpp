#include "aio/streams/reader_state.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "aio/aio.hpp"
#include "support/streams.hpp"

// What a reader keeps until it is read, and what becomes of that when the stream fails.

using aio::Coro;
using aio::StreamReader;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

/// Where a reader's data would come from.
struct Source final : aio::detail::ReadingSource {
  void pause_reading() noexcept override { is_paused = true; }
  void resume_reading() noexcept override { is_paused = false; }
  bool is_paused = false;
};

}  // namespace

TEST_CASE("a reader that fails throws in the waiting read and in all that follow") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader;
    const auto task = aio::create_task(outcome_of(reader.readline()));
    co_await turns(2);
    CHECK(reader.exception() == nullptr);
    reader.feed_data("abc");
    co_await turns(2);
    reader.set_exception(std::make_exception_ptr(aio::ValueError("broken")));
    const Outcome waiting = co_await task;
    const Outcome later = co_await outcome_of(reader.read(1));
    const Outcome exactly = co_await outcome_of(reader.readexactly(1));
    const Outcome to_end = co_await outcome_of(reader.read());
    for (const Outcome& outcome : {waiting, later, exactly, to_end}) {
      CHECK(support::what_of(outcome) == "broken");
    }
    CHECK(reader.exception() != nullptr);
  });
}

TEST_CASE("data that came before a failure goes to the read that was waiting") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader;
    const auto task = aio::create_task(reader.read(10));
    co_await turns(2);
    reader.feed_data("abc");
    reader.set_exception(std::make_exception_ptr(aio::ValueError("broken")));
    const std::string data = co_await task;
    CHECK(data == "abc");
  });
}

TEST_CASE("a read that was waiting when the reader failed fails though the end comes at once") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader;
    const auto task = aio::create_task(outcome_of(reader.read(10)));
    co_await turns(2);
    reader.set_exception(std::make_exception_ptr(aio::ValueError("broken")));
    reader.feed_eof();
    const Outcome outcome = co_await task;
    CHECK(support::what_of(outcome) == "broken");
  });
}

TEST_CASE("what is left of a large piece is read whole and what comes then after it") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader;
    const std::string bytes = support::make_bytes(10'000);
    reader.feed_data(bytes);
    const std::string head = co_await reader.readexactly(100);
    const std::string rest = co_await reader.read(20'000);
    CHECK(head + rest == bytes);
    reader.feed_data("more");
    const std::string more = co_await reader.read(20'000);
    CHECK(more == "more");
  });
}

TEST_CASE("a source waits from twice the limit on and goes on once the limit is left") {
  aio::detail::ReaderState reader(100);
  Source source;
  reader.attach(&source);
  reader.feed_data(std::string(200, 'x'));
  CHECK_FALSE(source.is_paused);
  reader.feed_data("x");
  CHECK(source.is_paused);
  CHECK(reader.take(100).size() == 100);
  CHECK(source.is_paused);
  CHECK(reader.take(1).size() == 1);
  CHECK_FALSE(source.is_paused);
}

TEST_CASE("a reader that has handed on a burst in pieces keeps none of the room for it") {
  aio::detail::ReaderState reader(aio::default_limit);
  reader.feed_data(support::make_bytes(190'000));
  while (!reader.data().empty()) CHECK_FALSE(reader.take(7'777).empty());
  // A string without room of its own keeps its bytes inside itself.
  const auto bytes = reinterpret_cast<std::uintptr_t>(reader.data().data());
  const auto object = reinterpret_cast<std::uintptr_t>(&reader);
  CHECK(bytes >= object);
  CHECK(bytes < object + sizeof reader);
}

TEST_CASE("a long stream read in small pieces comes in order") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader;
    const std::string bytes = support::make_bytes(300'000);
    std::string read;
    for (std::size_t fed = 0; read.size() < bytes.size();) {
      if (fed < bytes.size()) reader.feed_data(std::string_view(bytes).substr(fed, 10'000));
      fed += 10'000;
      read += co_await reader.read(7'777);
    }
    CHECK(read == bytes);
  });
}
