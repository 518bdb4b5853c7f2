#include "jobs/bulk/plain_line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "jobs/list/parse.hpp"
#include "jobs/list/parse_files.hpp"

namespace {

using jobs::detail::PlainLine;

constexpr std::size_t position = 41;

struct Read {
  std::string id;
  std::uint64_t number;
  friend bool operator==(const Read&, const Read&) = default;
};

/// What the fast reader makes of a line. Behind the line stands what could go on with it.
std::optional<Read> plain(const std::string& line) {
  std::string text = line + "\n\"}]:,1234567890";
  text.resize(line.size() + 1 + jobs::detail::plain_line_padding, '7');
  PlainLine read;
  const auto whole = std::string_view(text).substr(0, line.size());
  if (!jobs::detail::read_plain_line(whole, text.size(), read)) return std::nullopt;
  return Read{std::string(read.id), read.number};
}

/// What the reader that judges makes of it, if it is what the fast one may take.
std::optional<Read> judged(const std::string& line) {
  const auto parsed = jobs::parse_line(line, position, {});
  const auto* const job = std::get_if<jobs::Job>(&parsed);
  const auto* const prime = job ? std::get_if<jobs::Prime>(&job->work) : nullptr;
  const auto* const number = prime ? std::get_if<primes::Integer>(&prime->numbers) : nullptr;
  if (!number || !number->to_uint64() || job->executor) return std::nullopt;
  if (prime->method != primes::Algorithm::automatic) return std::nullopt;
  const bool named = job->id != "job-" + std::to_string(position);
  return Read{named ? job->id : "", *number->to_uint64()};
}

/// Whether the two agree: the fast reader may leave any line to the other, but what it takes the
/// other takes for the same.
bool agree(const std::string& line) {
  const auto fast = plain(line);
  return !fast || fast == judged(line);
}

const std::vector<std::string> seeds = {
    R"({"id":"a","kind":"prime","number":7})",
    R"({"kind":"prime","number":18446744073709551615})",
    R"({"kind":"prime","number":18446744073709551616})",
    R"({"kind":"prime","number":"18446744073709551615"})",
    R"({ "number" : 0 , "kind" : "prime" , "id" : "with space" })",
    R"({"kind":"prime","number":"0x1F"})",
    R"({"kind":"prime","number":-0})",
    R"({"kind":"prime","number":1e3})",
    R"({"kind":"prime","number":7.0})",
    R"({"kind":"prime","number":007})",
    R"({"kind":"prime","number":7,"x-note":{"a":[1,{"b":null}]}})",
    R"({"kind":"prime","number":7,"number":8})",
    R"({"kind":"prime","number":7,"method":"auto","executor":"thread"})",
    R"({"id":"k\u0069nd \"\\","k\u0069nd":"pr\u0069me","number":7})",
    R"({"id":"a\u0000b","kind":"prime","number":7})",
    R"({"id":"job-41","kind":"prime","number":7})",
    R"({"id":"job-42","kind":"prime","number":7})",
    "{\"id\":\"\xC3\xBC\",\"kind\":\"prime\",\"number\":7}",
    "\xEF\xBB\xBF{\"kind\":\"prime\",\"number\":7}",
    R"({"kind":"countdown","from":3,"interval":"1s"})",
    R"({"kind":"prime","numbers":[1,2,3]})",
    R"({"kind":"prime","numbers_from":"numbers.txt"})",
    R"([{"kind":"prime","number":7}])",
    R"({"kind":"prime","number":7}{"kind":"prime","number":7})",
};

/// One change of a kind that an error of a writer or of a reader might be.
std::string changed(std::string line, std::mt19937& random) {
  static const std::vector<std::string> pieces = {"{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  ",",
                                                  ":",
                                                  "\"",
                                                  "\\",
                                                  "\\u0000",
                                                  "\\\"",
                                                  " ",
                                                  "\t",
                                                  "\r",
                                                  "\f",
                                                  "\v",
                                                  "0",
                                                  "9",
                                                  "-",
                                                  "+",
                                                  ".",
                                                  "e",
                                                  "E",
                                                  "x",
                                                  "null",
                                                  "true",
                                                  "prime",
                                                  "\"kind\"",
                                                  "\"number\":7",
                                                  "\"id\":\"b\"",
                                                  "job-",
                                                  "/",
                                                  "//",
                                                  "/*",
                                                  "'",
                                                  "NaN",
                                                  "\xEF\xBB\xBF",
                                                  "\xC2\xA0",
                                                  "\xFF",
                                                  "\xE2\x80\x9C",
                                                  std::string(1, '\0'),
                                                  "\x01",
                                                  "\x7F",
                                                  "\xC2\x85",
                                                  "18446744073709551616"};
  const auto below = [&](std::size_t count) { return random() % std::max<std::size_t>(count, 1); };
  const std::size_t at = below(line.size() + 1);
  switch (random() % 6) {
    case 0: return line.insert(at, pieces[below(pieces.size())]);
    case 1: return line.erase(at, 1 + below(4));
    case 2:
      return line.replace(at, std::min<std::size_t>(1, line.size() - at),
                          pieces[below(pieces.size())]);
    case 3: return line.substr(0, at);
    case 4: return line.insert(at, line.substr(below(line.size()), below(12)));
    default: break;
  }
  if (at < line.size()) line[at] = static_cast<char>(random());
  return line;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_SUITE_BEGIN("plain_line");

TEST_CASE("the plain form is read whatever the order and the blanks") {
  CHECK(plain(R"({"kind":"prime","number":7})") == Read{"", 7});
  CHECK(plain(R"({"id":"a","kind":"prime","number":0})") == Read{"a", 0});
  CHECK(plain(R"({"number":18446744073709551615,"kind":"prime"})") == Read{"", UINT64_MAX});
  CHECK(plain("{\t\"kind\" :\"prime\" , \"number\": 7 , \"id\": \"a b\" } \r") == Read{"a b", 7});
  CHECK(plain(R"({"kind":"prime","number":"18446744073709551615"})") == Read{"", UINT64_MAX});
  CHECK(plain(R"({"kind":"prime","number":"0"})") == Read{"", 0});
  const std::string id(128, '~');
  CHECK(plain(R"({"kind":"prime","number":7,"id":")" + id + "\"}") == Read{id, 7});
}

TEST_CASE("every other line is left to the reader that judges") {
  const std::string begin = R"({"kind":"prime",)";
  for (const char* const rest : {"",
                                 "}",
                                 "\"number\":}",
                                 "\"number\":7",
                                 "\"number\":7}}",
                                 "\"number\":7},",
                                 "\"number\":7} x",
                                 "\"number\":7,}",
                                 "\"number\":7,\"number\":7}",
                                 "\"number\":-0}",
                                 "\"number\":-7}",
                                 "\"number\":07}",
                                 "\"number\":7.0}",
                                 "\"number\":1e3}",
                                 "\"number\":18446744073709551616}",
                                 "\"number\":0x7}",
                                 "\"number\":7a}",
                                 "\"number\":7 8}",
                                 "\"number\":\"\"}",
                                 "\"number\":\"07\"}",
                                 "\"number\":\" 7\"}",
                                 "\"number\":\"7 \"}",
                                 "\"number\":\"-7\"}",
                                 "\"number\":\"+7\"}",
                                 "\"number\":\"18446744073709551616\"}",
                                 "\"number\":\"\\u0037\"}",
                                 "\"number\":null}",
                                 "\"number\":true}",
                                 "\"number\":[7]}",
                                 "\"number\":{}}",
                                 "\"number\":7,\"kind\":\"prime\"}",
                                 "\"number\":7,\"x-a\":1}",
                                 "\"number\":7,\"method\":\"auto\"}",
                                 "\"number\":7,\"id\":\"\"}",
                                 "\"number\":7,\"id\":7}",
                                 "\"number\":7,\"id\":\"job-41\"}",
                                 "\"number\":7,\"id\":\"a\\u0000\"}",
                                 "\"number\":7,\"id\":\"a\\n\"}",
                                 "\"number\":7,\"id\":\"\x7F\"}",
                                 "\"number\":7,\"id\":\"\xC3\xBC\"}",
                                 "\"number\":7,\"id\":\"a\",\"id\":\"b\"}"}) {
    CAPTURE(rest);
    CHECK_FALSE(plain(begin + rest));
  }
  for (const std::string line :
       {"", "{", "{}", "7", "null", "[]", " {\"kind\":\"prime\",\"number\":7}",
        "\xEF\xBB\xBF{\"kind\":\"prime\",\"number\":7}", "{\"kind\":\"primes\",\"number\":7}",
        "{\"k\\u0069nd\":\"prime\",\"number\":7}", "{\"kind\":\"countdown\",\"number\":7}"}) {
    CAPTURE(line);
    CHECK_FALSE(plain(line));
  }
  const std::string id(129, 'a');
  CHECK_FALSE(plain(begin + R"("number":7,"id":")" + id + "\"}"));
  CHECK_FALSE(plain(begin + R"("number":7)" + std::string(600, ' ') + "}"));
}

TEST_CASE("without room to read behind the line it is left to the other reader") {
  std::string text = R"({"kind":"prime","number":7})";
  const std::size_t size = text.size();
  text.resize(size + jobs::detail::plain_line_padding, '\n');
  const auto line = std::string_view(text).substr(0, size);
  PlainLine read;
  CHECK(jobs::detail::read_plain_line(line, text.size(), read));
  CHECK_FALSE(jobs::detail::read_plain_line(line, text.size() - 1, read));
}

TEST_CASE("what the fast reader takes the other takes for the same") {
  for (const std::string& line : seeds) {
    CAPTURE(line);
    CHECK(agree(line));
  }
  for (const char* const folder : {"/malformed", "/valid"}) {
    const std::filesystem::directory_iterator files(std::string(PRIMED_JOBS_TESTS) + folder);
    for (const auto& file : files) {
      for (const std::string& line : lines_of(tests::read_file(file.path()))) {
        CAPTURE(line);
        CHECK(agree(line));
        CHECK(agree(line.substr(std::min(line.find_first_not_of(' '), line.size()))));
      }
    }
  }
}

TEST_CASE("the two agree on lines with faults at random places") {
  std::mt19937 random(20'260'101);
  std::size_t taken = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string line = seeds[random() % seeds.size()];
    for (auto changes = random() % 4; changes > 0; --changes) line = changed(line, random);
    if (plain(line)) ++taken;
    if (agree(line)) continue;
    FAIL("they read it differently: " << line);
  }
  CHECK(taken > 1'000);  // the test would be empty if next to nothing came through
}

TEST_CASE("the two agree on numbers of every length") {
  std::mt19937_64 random(4);
  for (int round = 0; round < 2'000; ++round) {
    std::string digits = std::to_string(random() >> (random() % 64));
    if (round % 5 == 0) digits += std::to_string(random() % 1000);
    if (round % 11 == 0) digits.insert(0, "0");
    for (const std::string& number : {digits, "-" + digits, '"' + digits + '"'}) {
      const std::string line = R"({"kind":"prime","number":)" + number + "}";
      CAPTURE(line);
      CHECK(agree(line));
      const auto judgement = judged(line);
      if (judgement && number[0] != '-') CHECK(plain(line) == judgement);
    }
  }
}
