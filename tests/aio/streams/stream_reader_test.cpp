#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "support/death.hpp"
#include "support/streams.hpp"

// Readers that are fed by hand: what each way of reading takes, leaves and throws.

using aio::Coro;
using aio::StreamReader;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

StreamReader reader_with(const char* text, std::size_t limit = aio::default_limit) {
  StreamReader reader(limit);
  reader.feed_data(text);
  return reader;
}

/// All that is left in a reader.
Coro<std::string> rest_of(StreamReader reader) {
  reader.feed_eof();
  co_return co_await reader.read();
}

std::optional<aio::IncompleteReadError> incomplete(const Outcome& outcome) {
  try {
    if (outcome.failed) std::rethrow_exception(outcome.failed);
  } catch (const aio::IncompleteReadError& error) {
    return error;
  } catch (...) {
  }
  return {};
}

std::optional<std::size_t> overrun(const Outcome& outcome) {
  try {
    if (outcome.failed) std::rethrow_exception(outcome.failed);
  } catch (const aio::LimitOverrunError& error) {
    return error.consumed();
  } catch (...) {
  }
  return {};
}

std::vector<std::string> separators(std::string one, std::string other) {
  std::vector<std::string> both;
  both.push_back(std::move(one));
  both.push_back(std::move(other));
  return both;
}

}  // namespace

TEST_CASE("read gives what is there up to the number asked for and nothing at the end") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader = reader_with("abcdef");
    const std::string none = co_await reader.read(0);
    const std::string some = co_await reader.read(4);
    const std::string rest = co_await reader.read(100);
    CHECK(none.empty());
    CHECK(some == "abcd");
    CHECK(rest == "ef");
    CHECK_FALSE(reader.at_eof());
    reader.feed_eof();
    const std::string end = co_await reader.read(1);
    CHECK(end.empty());
    CHECK(reader.at_eof());
  });
}

TEST_CASE("read waits for the first data and read to the end for the end") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader;
    const auto some = aio::create_task(reader.read(10));
    co_await turns(3);
    CHECK_FALSE(some.done());
    reader.feed_data("abc");
    const std::string first = co_await some;
    CHECK(first == "abc");
    const auto all = aio::create_task(reader.read());
    for (const char* const part : {"one ", "two ", "three"}) {
      reader.feed_data(part);
      co_await turns(2);
    }
    CHECK_FALSE(all.done());
    reader.feed_eof();
    const std::string everything = co_await all;
    CHECK(everything == "one two three");
  });
}

TEST_CASE("a reader that has been woken sees a failure that comes before its turn") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader;
    const auto task = aio::create_task(reader.readexactly(10));
    co_await turns(2);
    reader.feed_data("abc");
    reader.set_exception(std::make_exception_ptr(std::runtime_error("lost")));
    co_await turns(3);
    REQUIRE(task.done());
    CHECK_THROWS_AS(task.result(), std::runtime_error);
  });
}

TEST_CASE("readexactly waits for so many bytes and leaves the others") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader(1);  // the limit is none for readexactly
    const auto task = aio::create_task(reader.readexactly(6));
    co_await turns(2);
    for (const char* const part : {"ab", "cd", "efgh"}) {
      CHECK_FALSE(task.done());
      reader.feed_data(part);
      co_await turns(2);
    }
    const std::string six = co_await task;
    const std::string none = co_await reader.readexactly(0);
    const std::string rest = co_await rest_of(reader);
    CHECK(six == "abcdef");
    CHECK(none.empty());
    CHECK(rest == "gh");
  });
}

TEST_CASE("readexactly at the end throws IncompleteReadError with what there was") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader = reader_with("abc");
    const auto task = aio::create_task(outcome_of(reader.readexactly(5)));
    co_await turns(2);
    reader.feed_eof();
    const Outcome outcome = co_await task;
    REQUIRE(incomplete(outcome));
    CHECK(incomplete(outcome)->partial() == "abc");
    CHECK(incomplete(outcome)->expected() == 5);
    CHECK(support::what_of(outcome) == "3 bytes read on a total of 5 expected bytes");
    CHECK(reader.at_eof());
    const Outcome negative = co_await outcome_of(reader.readexactly(-1));
    CHECK(negative.threw<aio::ValueError>());
  });
}

TEST_CASE("readline gives line after line and at the end what there is") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader = reader_with("first\nsec");
    const std::string first = co_await reader.readline();
    const auto task = aio::create_task(reader.readline());
    co_await turns(2);
    CHECK_FALSE(task.done());
    reader.feed_data("ond\n\nlast");
    const std::string second = co_await task;
    const std::string empty = co_await reader.readline();
    reader.feed_eof();
    const std::string last = co_await reader.readline();
    const std::string end = co_await reader.readline();
    CHECK(first == "first\n");
    CHECK(second == "second\n");
    CHECK(empty == "\n");
    CHECK(last == "last");
    CHECK(end.empty());
  });
}

TEST_CASE("a line longer than the limit is a ValueError and is dropped with its newline") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader = reader_with("123456\nshort\n", 5);
    const Outcome outcome = co_await outcome_of(reader.readline());
    CHECK(outcome.threw<aio::ValueError>());
    CHECK(support::what_of(outcome) == "Separator is found, but chunk is longer than limit");
    const std::string next = co_await reader.readline();
    CHECK(next == "short\n");
  });
}

TEST_CASE("of a long line without its newline all that is there is dropped") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader = reader_with("123456", 5);
    const Outcome outcome = co_await outcome_of(reader.readline());
    CHECK(outcome.threw<aio::ValueError>());
    CHECK(support::what_of(outcome) == "Separator is not found, and chunk exceed the limit");
    reader.feed_data("78\nnext\n");
    const std::string tail = co_await reader.readline();
    const std::string next = co_await reader.readline();
    CHECK(tail == "78\n");
    CHECK(next == "next\n");
  });
}

TEST_CASE("a line of exactly the limit is read") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader = reader_with("12345\n", 5);
    const std::string line = co_await reader.readline();
    CHECK(line == "12345\n");
  });
}

TEST_CASE("readuntil finds a separator that comes in pieces") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader = reader_with("text SEPA");
    const auto task = aio::create_task(reader.readuntil("SEPARATOR"));
    co_await turns(2);
    for (const char* const part : {"RA", "TOR and", " more"}) {
      reader.feed_data(part);
      co_await turns(2);
    }
    const std::string text = co_await task;
    const std::string rest = co_await rest_of(reader);
    CHECK(text == "text SEPARATOR");
    CHECK(rest == " and more");
  });
}

TEST_CASE("readuntil past the limit throws LimitOverrunError and leaves the data") {
  aio::run([]() -> Coro<void> {
    const StreamReader found = reader_with("12345678ab-", 7);
    const Outcome at_separator = co_await outcome_of(found.readuntil("ab"));
    CHECK(overrun(at_separator) == 8);
    const std::string all = co_await found.readexactly(11);
    CHECK(all == "12345678ab-");

    const StreamReader missing = reader_with("123456789a", 7);
    const Outcome without = co_await outcome_of(missing.readuntil("ab"));
    CHECK(overrun(without) == 9);  // the last byte may be the first of a separator
    const std::string safe = co_await missing.readexactly(9);
    missing.feed_data("b");
    const std::string rest = co_await missing.readuntil("ab");
    CHECK(safe == "123456789");
    CHECK(rest == "ab");
  });
}

TEST_CASE("readuntil at the end throws IncompleteReadError and takes what there was") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader = reader_with("some data");
    reader.feed_eof();
    const Outcome outcome = co_await outcome_of(reader.readuntil(";"));
    REQUIRE(incomplete(outcome));
    CHECK(incomplete(outcome)->partial() == "some data");
    CHECK(incomplete(outcome)->expected() == 0);
    CHECK(reader.at_eof());
  });
}

TEST_CASE("readuntil of several separators takes the one that ends first") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader = reader_with("a\r\nb\nc--d");
    const std::string crlf = co_await reader.readuntil(separators("\n", "\r\n"));
    const std::string newline = co_await reader.readuntil(separators("\n", "--"));
    const std::string dashes = co_await reader.readuntil(separators("\n", "--"));
    CHECK(crlf == "a\r\n");
    CHECK(newline == "b\n");
    CHECK(dashes == "c--");
  });
}

TEST_CASE("an empty separator is a ValueError and so is a limit of zero") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader = reader_with("data");
    const Outcome empty = co_await outcome_of(reader.readuntil(""));
    const Outcome one_empty = co_await outcome_of(reader.readuntil(separators("a", "")));
    const Outcome none = co_await outcome_of(reader.readuntil(std::vector<std::string>()));
    CHECK(empty.threw<aio::ValueError>());
    CHECK(one_empty.threw<aio::ValueError>());
    CHECK(none.threw<aio::ValueError>());
    CHECK_THROWS_AS(StreamReader(0), aio::ValueError);
  });
}

TEST_CASE("a second task that waits for the same reader gets a RuntimeError") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader;
    const auto first = aio::create_task(reader.readline());
    co_await turns(2);
    const Outcome second = co_await outcome_of(reader.read(1));
    CHECK(second.threw<aio::RuntimeError>());
    CHECK(support::what_of(second) ==
          "read() called while another coroutine is already waiting for incoming data");
    reader.feed_data("line\n");
    const std::string line = co_await first;
    CHECK(line == "line\n");
  });
}

TEST_CASE("a cancelled read takes nothing out of the buffer") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader = reader_with("abc");
    const auto cancelled = [](auto coro) -> Coro<bool> {
      const auto task = aio::create_task(outcome_of(std::move(coro)));
      co_await turns(2);
      task.cancel();
      const Outcome outcome = co_await task;
      co_return outcome.cancelled.has_value();
    };
    const bool exactly = co_await cancelled(reader.readexactly(10));
    const bool line = co_await cancelled(reader.readline());
    const bool to_end = co_await cancelled(reader.read());
    CHECK(exactly);
    CHECK(line);
    CHECK(to_end);
    reader.feed_data("def");
    const std::string rest = co_await rest_of(reader);
    CHECK(rest == "abcdef");
  });
}

TEST_CASE("a read cancelled in the turn in which data came leaves the data") {
  aio::run([]() -> Coro<void> {
    const StreamReader reader;
    const auto task = aio::create_task(outcome_of(reader.read(10)));
    co_await turns(2);
    reader.feed_data("abc");
    task.cancel();
    const Outcome outcome = co_await task;
    CHECK(outcome.cancelled);
    const std::string data = co_await reader.read(10);
    CHECK(data == "abc");
  });
}

TEST_CASE("feeding data after the end aborts") {
  const std::string words = support::last_words([] {
    const StreamReader reader;
    reader.feed_eof();
    reader.feed_data("late");
  });
  CHECK(words.find("feed_data() after feed_eof()") != std::string::npos);
}

TEST_CASE("using a stream that was moved from aborts") {
  const std::string words = support::last_words([] {
    StreamReader reader;
    const StreamReader moved = std::move(reader);
    reader.feed_eof();
  });
  CHECK(words.find("an empty StreamReader was used") != std::string::npos);
}
