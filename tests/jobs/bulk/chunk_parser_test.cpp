#include "jobs/bulk/chunk_parser.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <exception>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using jobs::Chunk;
using jobs::ChunkContext;
using jobs::ChunkParser;
using jobs::ErrorCode;
using jobs::parse_chunk;
using jobs::ParsedChunk;

Chunk chunk(std::string text, std::uint64_t first_line = 1, std::uint64_t first_position = 1,
            std::uint64_t ticket = 0) {
  Chunk lines;
  lines.text = std::move(text);
  lines.text.reserve(lines.text.size() + 64);  // plain lines are read beyond their end
  lines.first_line = first_line;
  lines.first_position = first_position;
  lines.ticket = ticket;
  return lines;
}

std::string prime(const std::string& id) {
  const std::string name = id.empty() ? "" : R"("id": ")" + id + R"(", )";
  return "{" + name + R"("kind": "prime", "number": 7})" + "\n";
}

std::vector<std::string> ids(const ParsedChunk& parsed) {
  std::vector<std::string> ids;
  for (const jobs::Job& job : parsed.jobs) ids.push_back(job.id);
  return ids;
}

/// Line and reason of what was rejected.
std::vector<std::pair<std::size_t, ErrorCode>> rejections(const ParsedChunk& parsed) {
  std::vector<std::pair<std::size_t, ErrorCode>> rejections;
  for (const auto& rejected : parsed.rejected) {
    rejections.emplace_back(rejected.fault.line, rejected.code);
  }
  return rejections;
}

using Ids = std::vector<std::string>;
using Rejections = std::vector<std::pair<std::size_t, ErrorCode>>;

}  // namespace

TEST_SUITE_BEGIN("line_parser");

TEST_CASE("jobs without an id are named by their place among the lines that are not blank") {
  ChunkContext context({}, std::nullopt);
  Chunk lines =
      chunk(prime("") + "\n" + "nonsense\n" + " \r\n" + prime("") + "\n" + prime(""), 11, 5);
  lines.too_long = {16};
  const ParsedChunk parsed = parse_chunk(lines, context);
  CHECK(ids(parsed) == Ids{"job-5", "job-7", "job-9"});
  CHECK(rejections(parsed) ==
        Rejections{{13, ErrorCode::invalid_job}, {16, ErrorCode::line_too_long}});
}

TEST_CASE("a line that is too long is rejected behind its last allowed byte") {
  ChunkContext context({}, std::nullopt);
  Chunk lines = chunk("\n");
  lines.too_long = {1};
  const ParsedChunk parsed = parse_chunk(lines, context);
  REQUIRE(parsed.rejected.size() == 1);
  CHECK(parsed.rejected[0].fault.column == 1'048'577);
}

TEST_CASE("an explicit job-N is valid only at its own place") {
  ChunkContext context({}, std::nullopt);
  const ParsedChunk parsed =
      parse_chunk(chunk(prime("job-1") + prime("") + prime("job-2") + prime("job-5")), context);
  CHECK(ids(parsed) == Ids{"job-1", "job-2"});
  CHECK(rejections(parsed) == Rejections{{3, ErrorCode::invalid_job}, {4, ErrorCode::invalid_job}});
}

TEST_CASE("of lines with the same id the first is kept") {
  ChunkContext context({}, std::nullopt);
  const ParsedChunk first =
      parse_chunk(chunk(prime("a") + prime("b") + "nonsense\n" + prime("a")), context);
  CHECK(ids(first) == Ids{"a", "b"});
  CHECK(rejections(first) == Rejections{{3, ErrorCode::invalid_job}, {4, ErrorCode::duplicate_id}});
  const ParsedChunk second = parse_chunk(chunk(prime("c") + prime("b"), 5, 5, 1), context);
  CHECK(ids(second) == Ids{"c"});
  CHECK(rejections(second) == Rejections{{6, ErrorCode::duplicate_id}});
  CHECK(second.rejected[0].fault.pointer == "/id");
}

TEST_CASE("ids are registered in the order of the list whoever parses first") {
  for (int round = 0; round < 20; ++round) {
    ChunkContext context({}, std::nullopt);
    const auto parse = [&context](Chunk lines) { return parse_chunk(lines, context); };
    auto later = std::async(std::launch::async, parse, chunk(prime("same"), 2, 2, 1));
    std::this_thread::sleep_for(round % 2 == 0 ? 0ms : 1ms);
    CHECK(later.wait_for(0s) != std::future_status::ready);
    const ParsedChunk first = parse(chunk(prime("same")));
    CHECK(ids(first) == Ids{"same"});
    CHECK(rejections(later.get()) == Rejections{{2, ErrorCode::duplicate_id}});
  }
}

TEST_CASE("a chunk that is parsed before its turn is settled by who comes with the one before") {
  ChunkContext context({}, std::nullopt);
  const Chunk third = chunk(prime("b") + prime("c"), 4, 4, 2);
  const Chunk second = chunk(prime("a") + prime("b"), 2, 2, 1);
  const Chunk first = chunk(prime("a"));
  ChunkParser later(third, context);
  ChunkParser next(second, context);
  CHECK_FALSE(later.is_settled());
  CHECK_FALSE(next.is_settled());
  ChunkParser now(first, context);
  CHECK(later.is_settled());
  CHECK(next.is_settled());
  CHECK(now.is_settled());
  CHECK(rejections(later.finish()) == Rejections{{4, ErrorCode::duplicate_id}});
  CHECK(ids(now.finish()) == Ids{"a"});
  const ParsedChunk parsed = next.finish();
  CHECK(ids(parsed) == Ids{"b"});
  CHECK(rejections(parsed) == Rejections{{2, ErrorCode::duplicate_id}});
}

TEST_CASE("a chunk without ids waits for none before it, and keeps none behind it waiting") {
  ChunkContext context({}, std::nullopt);
  const Chunk last = chunk(prime("a"), 3, 3, 2);
  const Chunk without = chunk(prime(""), 2, 2, 1);
  const Chunk first = chunk(prime("a"));
  ChunkParser later(last, context);
  ChunkParser unnamed(without, context);
  CHECK(unnamed.is_settled());
  CHECK(ids(unnamed.finish()) == Ids{"job-2"});
  CHECK_FALSE(later.is_settled());
  CHECK(ids(parse_chunk(first, context)) == Ids{"a"});
  CHECK(rejections(later.finish()) == Rejections{{3, ErrorCode::duplicate_id}});
}

TEST_CASE("a chunk is plain if all its jobs are") {
  ChunkContext context({}, std::nullopt);
  context.sort_out_plain = true;
  const Chunk plain = chunk(prime("a") + "nonsense\n");
  const Chunk mixed = chunk(prime("b") + "{\"kind\": \"countdown\"}\n", 3, 3, 1);
  CHECK(ChunkParser(plain, context).is_plain());
  CHECK_FALSE(ChunkParser(mixed, context).is_plain());
}

TEST_CASE("of the same ids in many chunks the first of the list is kept whoever parses when") {
  constexpr std::uint64_t chunks = 200;
  constexpr std::uint64_t lines_each = 40;
  // Line n has the id n / 3: each three times, in one chunk or in two, in the list's order.
  const auto text_of = [](std::uint64_t ticket) {
    std::string text;
    for (std::uint64_t i = 0; i < lines_each; ++i) {
      text += prime("id-" + std::to_string((ticket * lines_each + i) / 3));
    }
    return text;
  };
  ChunkContext context({}, std::nullopt);
  context.sort_out_plain = true;
  std::atomic<std::uint64_t> next_ticket = 0;
  std::atomic<std::uint64_t> wrong = 0;
  const auto parse_some = [&] {
    for (std::uint64_t ticket = next_ticket++; ticket < chunks; ticket = next_ticket++) {
      const std::uint64_t before = ticket * lines_each;
      const Chunk lines = chunk(text_of(ticket), before, before, ticket);
      const ParsedChunk parsed = parse_chunk(lines, context);
      for (const auto& job : parsed.plain) wrong += job.line % 3 == 0 ? 0 : 1;
      for (const auto& line : parsed.rejected) wrong += line.fault.line % 3 == 0 ? 1 : 0;
      wrong += parsed.plain.size() + parsed.rejected.size() == lines_each ? 0 : 1;
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) threads.emplace_back(parse_some);
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a chunk that holds no id passes its turn on") {
  ChunkContext context({}, std::nullopt);
  CHECK(parse_chunk(chunk("\n\n"), context).jobs.empty());
  CHECK(ids(parse_chunk(chunk(prime("a"), 3, 1, 1), context)) == Ids{"a"});
}

TEST_CASE("who waits for a chunk that will not come is told why") {
  ChunkContext context({}, std::nullopt);
  const Chunk later = chunk(prime("a"), 2, 2, 1);
  ChunkParser parser(later, context);
  std::future<void> waiting = std::async(std::launch::async, [&] {
    CHECK_THROWS_WITH_AS(parser.finish(), "lost", std::runtime_error);
  });
  context.ids.give_up(std::make_exception_ptr(std::runtime_error("lost")));
  context.ids.give_up(std::make_exception_ptr(std::logic_error("lost again")));
  waiting.get();
  CHECK_THROWS_WITH_AS(parse_chunk(chunk(prime("b"), 3, 3, 2), context), "lost",
                       std::runtime_error);
}

TEST_CASE("who settles the ids of many chunks leaves some to those that wait for them") {
  constexpr std::uint64_t chunks = 20;
  ChunkContext context({}, std::nullopt);
  std::vector<Chunk> lines;
  for (std::uint64_t i = 0; i < chunks; ++i) lines.push_back(chunk(prime("same"), i, i, i));
  std::deque<ChunkParser> later;
  for (std::uint64_t i = 1; i < chunks; ++i) later.emplace_back(lines[i], context);
  ChunkParser first(lines[0], context);
  CHECK(first.is_settled());
  CHECK_FALSE(later.back().is_settled());
  CHECK(later.back().finish().rejected.size() == 1);
  CHECK(std::all_of(later.begin(), later.end(),
                    [](const auto& parser) { return parser.is_settled(); }));
  CHECK(ids(first.finish()) == Ids{"same"});
}

TEST_CASE("what a message repeats of a line is short") {
  ChunkContext context({}, std::nullopt);
  const std::string id(100'000, 'x');
  const std::string key(100'000, 'k');
  const ParsedChunk parsed = parse_chunk(
      chunk(prime(id) + "{\"" + key + "\": 1}\n" + std::string(100'000, '7') + "\n"), context);
  REQUIRE(parsed.rejected.size() == 3);
  for (const auto& rejected : parsed.rejected) {
    CHECK(rejected.fault.pointer.size() + rejected.fault.message.size() < 300);
  }
}
