#include "jobs/bulk/line_reader.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jobs/json/limits.hpp"
#include "support/heap.hpp"
#include "support/loop_test.hpp"
#include "support/memory_file.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Chunk;
using jobs::LineReader;
using support::MemoryFile;
using support::Pipe;

aio::Coro<std::vector<Chunk>> read_all(int fd, std::string already_read) {
  LineReader reader(fd, std::move(already_read));
  std::vector<Chunk> chunks;
  for (;;) {
    std::optional<Chunk> chunk = co_await reader.next();
    if (!chunk) co_return chunks;
    chunks.push_back(*std::move(chunk));
  }
}

std::vector<Chunk> chunks_of(std::string_view text) {
  const MemoryFile file(text);
  return aio::run(read_all(file.fd(), {}));
}

std::string joined(const std::vector<Chunk>& chunks) {
  std::string text;
  for (const Chunk& chunk : chunks) text += chunk.text;
  return text;
}

/// Writes `text` a few bytes at a time, each after the reader had its turn, and closes.
aio::Coro<void> write_in_pieces(Pipe& pipe, std::string text, std::size_t piece) {
  for (std::size_t at = 0; at < text.size(); at += piece) {
    pipe.write(text.substr(at, piece));
    co_await aio::sleep(200us);
  }
  pipe.close_writer();
}

}  // namespace

TEST_SUITE_BEGIN("lines");

TEST_CASE("whatever the ends of lines are they are kept and counted") {
  const auto chunks = chunks_of("{1}\r\n\n  \r\n{2}\n\t\n{3}");
  REQUIRE(chunks.size() == 1);
  CHECK(chunks[0].text == "{1}\r\n\n  \r\n{2}\n\t\n{3}\n");
  CHECK(chunks[0].first_line == 1);
  CHECK(chunks[0].first_position == 1);
  CHECK(chunks[0].too_long.empty());
}

TEST_CASE("an input without a byte has no chunk") {
  CHECK(chunks_of("").empty());
  Pipe pipe;
  pipe.close_writer();
  CHECK(aio::run(read_all(pipe.reader(), {})).empty());
}

TEST_CASE("what was read before stands before the rest") {
  const MemoryFile file("nd\"}\n{}\n");
  CHECK(joined(aio::run(read_all(file.fd(), "{\"ki"))) == "{\"kind\"}\n{}\n");
  const MemoryFile empty;
  CHECK(joined(aio::run(read_all(empty.fd(), "{}\n{}"))) == "{}\n{}\n");
}

TEST_CASE("a chunk is bounded in lines and in bytes and the counts go on") {
  std::string text;
  const std::size_t few = 3 * LineReader::chunk_lines + 100;
  for (std::size_t i = 0; i < few; ++i) text += i % 10 == 9 ? "\n" : "{}\n";
  const std::string long_line(LineReader::chunk_bytes / 2 - 100, 'x');
  for (int i = 0; i < 7; ++i) text += long_line + "\n";
  const auto chunks = chunks_of(text);
  CHECK(joined(chunks) == text);
  std::uint64_t line = 1;
  std::uint64_t position = 1;
  std::uint64_t ticket = 0;
  for (const Chunk& chunk : chunks) {
    CHECK(chunk.first_line == line);
    CHECK(chunk.first_position == position);
    CHECK(chunk.ticket == ticket++);
    const auto lines = std::count(chunk.text.begin(), chunk.text.end(), '\n');
    CHECK(static_cast<std::size_t>(lines) <= LineReader::chunk_lines);
    CHECK(chunk.text.size() < LineReader::chunk_bytes + long_line.size() + 1);
    line += static_cast<std::uint64_t>(lines);
    for (std::string_view rest = chunk.text; !rest.empty();) {
      const auto size = rest.find('\n') + 1;
      position += size > 1 ? 1 : 0;
      rest.remove_prefix(size);
    }
  }
  CHECK(ticket >= 6);
}

TEST_CASE("lines that come in pieces are put together") {
  Pipe pipe;
  aio::EventLoop loop;
  const std::string text = "{\"a\":1}\r\n\n{\"b\":2}\nlast";
  const auto writing = loop.create_task(write_in_pieces(pipe, text, 3));
  const auto chunks = loop.run_until_complete(read_all(pipe.reader(), {}));
  loop.run_until_complete(writing);
  CHECK(joined(chunks) == text + "\n");
  for (const Chunk& chunk : chunks) CHECK(chunk.text.ends_with('\n'));
  CHECK(chunks.back().first_line == 4);
  CHECK(chunks.back().first_position == 3);
}

TEST_CASE("a chunk leaves as soon as the input would make it wait") {
  Pipe pipe;
  aio::EventLoop loop;
  LineReader reader(pipe.reader(), {});
  CHECK(reader.is_drained());
  pipe.write("one\ntwo\nthr");
  CHECK_FALSE(reader.is_drained());
  CHECK(loop.run_until_complete(reader.next())->text == "one\ntwo\n");
  CHECK_FALSE(reader.is_drained());  // a part of a line is here
  const auto waiting = loop.create_task(reader.next());
  loop.run_until_complete(aio::sleep(2ms));
  CHECK_FALSE(waiting.done());
  pipe.write("ee\n");
  const auto third = loop.run_until_complete(waiting);
  CHECK(third->text == "three\n");
  CHECK(third->first_line == 3);
  CHECK(reader.is_drained());
  pipe.close_writer();
  CHECK_FALSE(loop.run_until_complete(reader.next()));
  CHECK(reader.is_drained());
}

TEST_CASE("a wait for lines that is cancelled loses nothing") {
  Pipe pipe;
  aio::EventLoop loop;
  LineReader reader(pipe.reader(), {});
  pipe.write("{\"half");
  const auto waiting = loop.create_task(reader.next());
  loop.run_until_complete(aio::sleep(1ms));
  waiting.cancel();
  support::run_turns(loop, 3);
  CHECK(waiting.cancelled());
  CHECK_FALSE(reader.is_drained());
  pipe.write(" other\"}\n");
  CHECK(loop.run_until_complete(reader.next())->text == "{\"half other\"}\n");
}

TEST_CASE("a line may have a mebibyte and no byte more") {
  const std::string most(jobs::line_bytes_max, 'x');
  for (const bool with_newline : {true, false}) {
    CAPTURE(with_newline);
    const std::string end = with_newline ? "\n" : "";
    const auto allowed = chunks_of(most + end);
    CHECK(joined(allowed) == most + "\n");
    CHECK(allowed[0].too_long.empty());
    const auto refused = chunks_of("{}\n" + most + "x" + end);
    CHECK(joined(refused) == "{}\n\n");
    CHECK(refused[0].too_long == std::vector<std::uint64_t>{2});
  }
}

TEST_CASE("a line that is too long counts as a job and the rest goes on") {
  const std::string text = "{1}\n" + std::string(3'000'000, 'x') + "\n\n{3}\n";
  std::vector<std::uint64_t> too_long;
  const auto chunks = chunks_of(text);
  for (const Chunk& chunk : chunks) {
    too_long.insert(too_long.end(), chunk.too_long.begin(), chunk.too_long.end());
  }
  CHECK(joined(chunks) == "{1}\n\n\n{3}\n");
  CHECK(too_long == std::vector<std::uint64_t>{2});
  std::string padded = text;
  for (std::size_t i = 0; i < LineReader::chunk_lines; ++i) padded += "\n";
  CHECK(chunks_of(padded + "{4}").back().first_position == 4);
}

TEST_CASE("a line that hardly ends takes no more memory than the longest allowed") {
  const MemoryFile file;
  REQUIRE(ftruncate(file.fd(), 60'000'000) == 0);
  REQUIRE(pwrite(file.fd(), "\n{}\n", 4, 60'000'000) == 4);
  const std::size_t before = support::heap_bytes();
  aio::EventLoop loop;
  LineReader reader(file.fd(), {});
  const auto chunk = loop.run_until_complete(reader.next());
  CHECK(chunk->too_long.size() == 1);
  CHECK(chunk->text == "\n{}\n");
  CHECK(support::heap_bytes() < before + 5'000'000);  // with all that the reader keeps
}

TEST_CASE("zero bytes are bytes like others") {
  using namespace std::string_literals;
  CHECK(joined(chunks_of("{\0}\n\0\n"s)) == "{\0}\n\0\n"s);
}

TEST_CASE("whole lines that were read before an error are handed over before it") {
  const int folder = ::open("/", O_RDONLY | O_CLOEXEC);
  LineReader reader(folder, "first\n\nthird\nthe beginning of");
  const auto chunk = aio::run(reader.next());
  REQUIRE(chunk);
  CHECK(chunk->text == "first\n\nthird\n");
  for (int i = 0; i < 2; ++i) CHECK_THROWS_AS(aio::run(reader.next()), std::system_error);
  ::close(folder);
}

TEST_CASE("what cannot be read is an error") {
  const int folder = ::open("/", O_RDONLY | O_CLOEXEC);
  aio::EventLoop loop;
  LineReader reader(folder, {});
  CHECK_THROWS_AS(loop.run_until_complete(reader.next()), std::system_error);
  ::close(folder);
}

TEST_CASE("an input keeps its mode for those who share it") {
  Pipe pipe;
  fcntl(pipe.reader(), F_SETFL, 0);
  aio::EventLoop loop;
  LineReader reader(pipe.reader(), {});
  const auto waiting = loop.create_task(reader.next());
  loop.run_until_complete(aio::sleep(1ms));
  CHECK((fcntl(pipe.reader(), F_GETFL) & O_NONBLOCK) == 0);
  pipe.write("{}\n");
  CHECK(loop.run_until_complete(waiting)->text == "{}\n");
  CHECK((fcntl(pipe.reader(), F_GETFL) & O_NONBLOCK) == 0);
}

TEST_CASE("a blank line holds nothing but white space") {
  CHECK(jobs::is_blank(""));
  CHECK(jobs::is_blank(" \t\r\n"));
  CHECK_FALSE(jobs::is_blank(" x "));
  CHECK_FALSE(jobs::is_blank(std::string_view("\0", 1)));
}

namespace {

/// What a reader that looks at each line by itself makes of `text`: lines, and those not blank.
std::pair<std::uint64_t, std::uint64_t> counted(std::string_view text) {
  std::uint64_t lines = 0;
  std::uint64_t jobs = 0;
  while (!text.empty()) {
    const std::size_t size = text.find('\n') + 1;
    if (!jobs::is_blank(text.substr(0, size))) ++jobs;
    ++lines;
    text.remove_prefix(size);
  }
  return {lines, jobs};
}

std::string random_line(std::mt19937& random) {
  switch (random() % 20) {
    case 0: return "\n";
    case 1: return " \t\r\n";
    case 2: return "  {}\n";
    case 3: return std::string(random() % 2000, 'x') + "\n";
    case 4: return "\r\n";
    case 5: return "\xff\n";
    default: return std::string(1 + random() % 60, '{') + "\n";
  }
}

}  // namespace

TEST_CASE("every chunk says where it stands whatever lines there are") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    std::string text;
    while (text.size() < 300'000) text += random_line(random);
    std::uint64_t line = 1;
    std::uint64_t position = 1;
    for (const Chunk& chunk : chunks_of(text)) {
      REQUIRE(chunk.first_line == line);
      REQUIRE(chunk.first_position == position);
      const auto [lines, jobs] = counted(chunk.text);
      CHECK(lines <= LineReader::chunk_lines);
      line += lines;
      position += jobs;
    }
    CHECK(joined(chunks_of(text)) == text);
  }
}
