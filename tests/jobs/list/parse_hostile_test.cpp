#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jobs/list/parse_files.hpp"

using namespace std::string_literals;
using tests::joined;
using tests::repeated;
using tests::report;

namespace {

/// `text` as UTF-16 or UTF-32: each byte of ASCII widened.
std::string widened(std::string_view text, std::size_t width, bool big_endian) {
  std::string wide;
  for (const char c : text) {
    std::string unit(width, '\0');
    unit[big_endian ? width - 1 : 0] = c;
    wide += unit;
  }
  return wide;
}

std::string prime_job(std::string_view number) {
  return "{\"jobs\": [{\"kind\": \"prime\", \"number\": " + std::string(number) + "}]}";
}

}  // namespace

TEST_SUITE("parse: hostile lists") {
  TEST_CASE("nesting deeper than 64 levels is refused, however deep") {
    const auto lists = [](std::size_t levels) {
      return "{\"x-\": " + repeated(levels, "[") + repeated(levels, "]") + ", \"jobs\": []}";
    };
    CHECK(joined(report(lists(63))) == "");
    for (const std::size_t levels : {64UL, 100'000UL}) {
      const auto lines = report(lists(levels));
      REQUIRE(lines.size() == 1);
      CHECK(lines[0].starts_with("list.json:1:71: /x-/0/0/0/"));
      CHECK(lines[0].ends_with(": nested too deeply; expected at most 64 levels"));
    }
    const auto objects = report(repeated(100'000, "{\"x-a\":"));
    REQUIRE(objects.size() == 1);
    CHECK(objects[0].starts_with("list.json:1:449: /x-a/x-a/"));
  }

  TEST_CASE("UTF-16 and UTF-32 are refused by name, with and without a byte order mark") {
    const std::string text = "{\"jobs\": []}";
    const auto said = [](std::string_view name) {
      return "list.json:1:1: /: the text is in " + std::string(name) + "; expected UTF-8\n";
    };
    CHECK(joined(report(widened(text, 2, false))) == said("UTF-16LE"));
    CHECK(joined(report("\xFF\xFE" + widened(text, 2, false))) == said("UTF-16LE"));
    CHECK(joined(report(widened(text, 2, true))) == said("UTF-16BE"));
    CHECK(joined(report("\xFE\xFF" + widened(text, 2, true))) == said("UTF-16BE"));
    CHECK(joined(report(widened(text, 4, false))) == said("UTF-32LE"));
    CHECK(joined(report(widened(text, 4, true))) == said("UTF-32BE"));
    CHECK(joined(report("\xFF\xFE\0\0"s + widened(text, 4, false))) == said("UTF-32LE"));
    CHECK(joined(report("\0\0\xFE\xFF"s + widened(text, 4, true))) == said("UTF-32BE"));
  }

  TEST_CASE("one byte order mark of UTF-8 is skipped and not counted, a second one is not") {
    CHECK(joined(report("\xEF\xBB\xBF{\"jobs\": []}")) == "");
    CHECK(joined(report("\xEF\xBB\xBF{\"job\": 1}")).starts_with("list.json:1:2: /job: "));
    CHECK(joined(report("\xEF\xBB\xBF\xEF\xBB\xBF{\"jobs\": []}")) ==
          "list.json:1:1: /: a second byte order mark; expected JSON text\n");
    CHECK(joined(report("\xEF\xBB\xBF")).starts_with("list.json:1:1: /: the list is empty"));
    CHECK(joined(report("\xEF\xBB{}")) ==
          "list.json:1:1: /: the byte 0xEF is not valid UTF-8 here; expected text in UTF-8\n");
  }

  TEST_CASE("bytes that are not UTF-8 are named with their place") {
    const std::array<std::pair<std::string, std::string>, 6> cases = {{
        {"{\"x-a\": \"ab\xFF\"}", "1:12: /x-a: the byte 0xFF"},
        {"{\"x-a\": \"\xC3\xA4\xC0\x80\"}", "1:12: /x-a: the byte 0xC0"},
        {"{\"x-a\": \"\xED\xA0\x80\"}", "1:10: /x-a: the byte 0xED"},
        {"{\"x-a\": \"\xF5\x80\x80\x80\"}", "1:10: /x-a: the byte 0xF5"},
        {"{\"x\xE4\": 1}", "1:4: /: the byte 0xE4"},
        {"{\"jobs\": []\xFF}", "1:12: /: the byte 0xFF"},
    }};
    for (const auto& [text, place] : cases) {
      const auto lines = report(text);
      REQUIRE(lines.size() == 1);
      CHECK(lines[0] == "list.json:" + place + " is not valid UTF-8 here; expected text in UTF-8");
    }
  }

  TEST_CASE("a zero byte does not end the text unnoticed") {
    const std::string zero = ": a zero byte; expected plain JSON text\n";
    CHECK(joined(report("{\"jobs\": []}\0{"s)) == "list.json:1:13: /" + zero);
    CHECK(joined(report("{\"jobs\": []}\n\0"s)) == "list.json:2:1: /" + zero);
    CHECK(joined(report("{\"jobs\": [\0]}"s)) == "list.json:1:11: /jobs/0" + zero);
    CHECK(joined(report("\0\0"s)) == "list.json:1:1: /" + zero);
  }

  TEST_CASE("the first hundred faults are reported, in the order of the text") {
    std::string text = "{\"jobs\": [\n" + repeated(500, "{\"kind\": \"prime\", \"x\": 1},\n");
    text += "{\"kind\": \"countdown\"}], \"no\": 1}";
    const auto lines = report(text);
    REQUIRE(lines.size() == 100);
    CHECK(lines[0].starts_with("list.json:2:1: /jobs/0: no number to check"));
    CHECK(lines[1].starts_with("list.json:2:19: /jobs/0/x: unknown key"));
    CHECK(lines[99].starts_with("list.json:51:19: /jobs/49/x: unknown key"));
  }

  TEST_CASE("a fault of the root that is found last comes first") {
    const std::string text =
        "{\"no\": [" + repeated(200, "7,") + "7], \"jobs\": [" + repeated(200, "7,") + "7]}";
    const auto lines = report(text);
    REQUIRE(lines.size() == 100);
    CHECK(lines[0].starts_with("list.json:1:2: /no: unknown key"));
    CHECK(lines[1].starts_with("list.json:1:422: /jobs/0: found a number"));
  }

  TEST_CASE("many ids that are taken are found in reasonable time") {
    const std::string text = "{\"jobs\": [" +
                             repeated(20'000, "{\"id\": \"same\", \"kind\": \"countdown\"},") +
                             "{\"kind\": \"countdown\"}]}";
    const auto lines = report(text);
    CHECK(lines.size() == 100);
    CHECK(
        lines[99].ends_with(": the id \"same\" is taken by the job at 1:18; expected another id"));
  }

  TEST_CASE("integers too long to be bare get the advice to quote them, and nothing beside") {
    for (const std::size_t digits : {301UL, 308UL, 309UL, 310UL, 10'000UL, 1'000'000UL}) {
      const auto lines = report(prime_job(std::string(digits, '9')));
      REQUIRE(lines.size() == 1);
      CHECK(lines[0] == "list.json:1:39: /jobs/0/number: an integer of " + std::to_string(digits) +
                            " digits without quotes; expected at most 300 digits (quote integers "
                            "of more than 300 digits)");
    }
    CHECK(report(prime_job(std::string(300, '9'))).empty());
    CHECK(report(prime_job('-' + std::string(300, '9'))).empty());
  }

  TEST_CASE("integers in quotes may be as long as the setting says") {
    const auto quoted = [](std::size_t digits) {
      return prime_job('"' + std::string(digits, '7') + '"');
    };
    CHECK(report(quoted(20'000)).empty());
    CHECK(joined(report(quoted(20'001))) ==
          "list.json:1:39: /jobs/0/number: a number of 20001 digits; expected at most 20000\n");
    jobs::ParseOptions options;
    options.max_digits = 10;
    options.max_digits_fixed = true;
    CHECK(report(quoted(10), options).empty());
    CHECK(report(quoted(11), options).size() == 1);
    CHECK(report(prime_job("\"0x0123456789\""), options).empty());
    CHECK(report(prime_job("-12345678901"), options).size() == 1);
  }

  TEST_CASE("no report line repeats more than 80 bytes of the list, nor what a terminal obeys") {
    const std::string nasty =
        "\\u001b]0;\\u0007\\u202e\xF0\x9F\x98\x80" + repeated(200, "\xC3\xA9");
    const std::string long_key = "k" + repeated(10'000, "/~");
    const std::vector<std::string> texts = {
        "{\"" + nasty + "\": 1}",
        "{\"x-" + nasty + "\": {\"" + nasty + "\": [}",
        "{\"jobs\": [{\"" + long_key + "\": 1, \"kind\": \"" + nasty + "\"}]}",
        "{\"jobs\": [{\"kind\": \"prime\", \"numbers\": [\"" + nasty + "\", \"" + long_key +
            "\"]}]}",
        "{\"jobs\": [{\"kind\": \"countdown\", \"interval\": \"" + nasty + "\", \"id\": \"" +
            nasty + "\"}]}",
        "{\"jobs\": [" + std::string(10'000, 'y') + "]}",
        "{\"jobs\": [{\"kind\": \"countdown\", \"interval\": " + std::string(9'000, '1') + ".5}]}",
        "{\"jobs\": [" +
            repeated(2, "{\"id\": \"" + repeated(128, "z") + "\", \"kind\": \"countdown\"},") +
            "7]}",
    };
    for (const std::string& text : texts) {
      const jobs::ParsedList parsed = jobs::parse_list(text, {});
      REQUIRE_FALSE(parsed.errors.empty());
      for (const auto& error : parsed.errors) {
        CAPTURE(error.message);
        CHECK(error.pointer.size() <= 40);
        CHECK(error.message.size() <= 240);
        const std::string line = error.to_string("list.json");
        CHECK(std::ranges::none_of(line, [](unsigned char c) { return c < 0x20 || c == 0x7F; }));
        CHECK(line.find("\xE2\x80\xAE") == std::string::npos);
        CHECK(std::ranges::count(line, '\xA9') <= 40);
      }
    }
  }

  TEST_CASE("every beginning of a list is read without harm") {
    const std::string text =
        tests::read_file(std::string(PRIMED_JOBS_TESTS) + "/valid/all_keys.json");
    for (std::size_t length = 0; length + 2 < text.size(); ++length) {
      const auto lines = report(text.substr(0, length));
      CAPTURE(length);
      CHECK(lines.size() == 1);  // nothing is called missing that may have been beyond
    }
  }

  TEST_CASE("every list with one byte changed is read without harm") {
    const std::string text =
        tests::read_file(std::string(PRIMED_JOBS_TESTS) + "/valid/all_keys.json");
    std::size_t refused = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (const char c : "\"{}[],:\\x0-.e/'\xFF\n"s + '\0') {
        std::string changed = text;
        changed[at] = c;
        if (!report(changed).empty()) ++refused;
      }
    }
    CHECK(refused > text.size());
  }
}
