#include "jobs/output/record.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "jobs/version.hpp"

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// 2026-11-22T06:00:00Z
constexpr jobs::Timestamp six_o_clock{1'795'327'200s};

template <typename Record>
std::string text(const Record& record) {
  std::string out;
  using jobs::append;
  append(out, record);
  return out;
}

/// A line that a parser reads, without its newline.
template <typename Record>
json parsed(const Record& record) {
  const auto line = text(record);
  REQUIRE(line.back() == '\n');
  REQUIRE(line.find('\n') == line.size() - 1);
  return json::parse(line);
}

/// A result, with the ending that it refers to.
struct Result {
  std::string_view kind = "prime";
  jobs::Ending ending;
};

void append(std::string& out, const Result& result) {
  jobs::append(out, jobs::ResultRecord{"large", result.kind, 1, result.ending});
}

Result result_of(decltype(jobs::Ending::value) value) {
  return {"prime", {jobs::State::succeeded, six_o_clock, 1234ns, std::move(value)}};
}

constexpr primes::Verdict bpsw_prime{true, primes::Certainty::proven, primes::Method::bpsw};

}  // namespace

TEST_SUITE_BEGIN("record");

TEST_CASE("the run record holds what is the same for all, in its fixed order") {
  const jobs::RunRecord record{"f00d", "host-1", six_o_clock};
  CHECK(text(record) == R"({"event":"run","schema_version":1,"run_id":"f00d","program":"primed )" +
                            std::string(jobs::version) +
                            R"(","host":"host-1","started_at":"2026-11-22T06:00:00.000Z"})"
                            "\n");
}

TEST_CASE("a tick has its times in milliseconds with three decimals") {
  const jobs::TickRecord record{"A", 3, 1'000'140'000ns, 140us};
  CHECK(text(record) == R"({"event":"tick","job_id":"A","kind":"countdown","value":3,)"
                        R"("elapsed_ms":1000.140,"lateness_ms":0.140})"
                        "\n");
}

TEST_CASE("times are cut, not rounded: nothing is shown that has not passed") {
  const jobs::TickRecord record{"A", 1, 999'999'999ns, 999ns};
  CHECK(text(record).find(R"("elapsed_ms":999.999,"lateness_ms":0.000})") != std::string::npos);
}

TEST_CASE("a hundred years and a negative time are written out in full") {
  const jobs::TickRecord record{"A", 1, std::chrono::hours(24 * 36525), -1'500us};
  CHECK(text(record).find(R"("elapsed_ms":3155760000000.000,"lateness_ms":-1.500})") !=
        std::string::npos);
  const jobs::TickRecord least{"A", 1, jobs::Duration::min(), 0ns};
  CHECK(text(least).find(R"("elapsed_ms":-9223372036854.775,)") != std::string::npos);
}

TEST_CASE("a check names its number as a string and says what decided") {
  const jobs::CheckRecord record{
      "many", 0, "561", {false, primes::Certainty::proven, primes::Method::trial_division}};
  CHECK(text(record) == R"({"event":"check","job_id":"many","index":0,"number":"561",)"
                        R"("prime":false,"certainty":"proven","method":"trial_division"})"
                        "\n");
}

TEST_CASE("the result of one number holds its verdict") {
  CHECK(text(result_of(jobs::NumberResult{"9637529763296797", bpsw_prime})) ==
        R"({"event":"result","job_id":"large","kind":"prime","state":"succeeded","attempt":1,)"
        R"("started_at":"2026-11-22T06:00:00.000Z","duration_ns":1234,)"
        R"("result":{"number":"9637529763296797","prime":true,"certainty":"proven",)"
        R"("method":"bpsw"}})"
        "\n");
}

TEST_CASE("a probable prime is called probable") {
  const primes::Verdict probable{true, primes::Certainty::probable, primes::Method::bpsw};
  const auto record = parsed(result_of(jobs::NumberResult{"170141183460469231731", probable}));
  CHECK(record["result"]["certainty"] == "probable");
}

TEST_CASE("the result of many numbers counts them") {
  const auto record = parsed(result_of(jobs::NumbersResult{3, 2}));
  CHECK(record["result"] == json{{"checked", 3}, {"primes", 2}});
  CHECK_FALSE(record.contains("error"));
}

TEST_CASE("the result of a countdown has its ticks and the latest of them") {
  auto record = result_of(jobs::CountdownResult{3, 140us});
  record.kind = "countdown";
  CHECK(text(record).ends_with(R"("result":{"ticks":3,"lateness_ms_max":0.140}})"
                               "\n"));
}

TEST_CASE("a job that did not succeed has an error in the place of a result") {
  auto record = result_of(jobs::ErrorResult{jobs::ErrorCode::shutdown, "stopped by SIGTERM"});
  record.ending.state = jobs::State::interrupted;
  const auto line = parsed(record);
  CHECK(line["state"] == "interrupted");
  CHECK(line["error"] == json{{"code", "shutdown"}, {"message", "stopped by SIGTERM"}});
  CHECK_FALSE(line.contains("result"));
}

TEST_CASE("a rejected line says where and why") {
  const jobs::RejectedRecord record{7, 12, {jobs::ErrorCode::invalid_job, "no kind"}};
  CHECK(text(record) == R"({"event":"rejected","line":7,"column":12,)"
                        R"("error":{"code":"invalid_job","message":"no kind"}})"
                        "\n");
}

TEST_CASE("the summary has every count, in its fixed order") {
  jobs::Counts counts;
  counts.accepted = 21;
  counts.succeeded = 1;
  counts.failed = 2;
  counts.timed_out = 3;
  counts.cancelled = 4;
  counts.interrupted = 5;
  counts.skipped = 6;
  counts.left = 0;
  counts.rejected = 8;
  CHECK(text(jobs::SummaryRecord{counts, 3'000'900us}) ==
        R"({"event":"summary","accepted":21,"succeeded":1,"failed":2,"timed_out":3,)"
        R"("cancelled":4,"interrupted":5,"skipped":6,"left":0,"rejected":8,"wall_ms":3000.900})"
        "\n");
}

TEST_CASE("counts add up by state and by sum") {
  using jobs::State;
  jobs::Counts counts;
  for (const auto state : {State::succeeded, State::failed, State::timed_out, State::cancelled,
                           State::interrupted, State::skipped, State::succeeded}) {
    counts.add(state);
  }
  counts.accepted = 9;
  counts.left = 2;
  counts.rejected = 1;
  CHECK(counts.succeeded == 2);
  CHECK(counts.accepted == counts.succeeded + counts.failed + counts.timed_out + counts.cancelled +
                               counts.interrupted + counts.skipped + counts.left);
  auto twice = counts;
  twice += counts;
  const jobs::Counts expected{18, 4, 2, 2, 2, 2, 2, 4, 2};
  CHECK(twice == expected);
}

TEST_CASE("every id that is UTF-8 comes back as it was") {
  const std::string_view ids[] = {"A",
                                  "with \"quotes\" and \\ backslash",
                                  "line\nfeed, tab\t, return\r, bell\a",
                                  std::string_view("nul\0inside", 10),
                                  "\x7F",
                                  "größe, 素数, 🧮",
                                  "\u00A0\u07FF\u0800\uD7FF\uE000\uFFFF\U00010000\U0010FFFF"};
  for (const auto id : ids) {
    CAPTURE(id);
    CHECK(parsed(jobs::TickRecord{id, 1, 1s, 0s})["job_id"] == id);
  }
}

TEST_CASE("every control character is escaped: C0, DEL and C1") {
  for (unsigned code = 0; code < 0xA0; ++code) {
    if (code >= 0x20 && code < 0x7F) continue;
    CAPTURE(code);
    const auto low = static_cast<char>(code);
    const auto id = code < 0x80 ? std::string(1, low) : std::string{'\xC2', low};
    const auto line = text(jobs::TickRecord{id, 1, 1s, 0s});
    CHECK(line.find(id) == (id == "\n" ? line.size() - 1 : std::string::npos));
    CHECK(json::parse(line)["job_id"] == id);
  }
}

TEST_CASE("a byte that is not UTF-8 becomes the replacement character") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"a\xFFz", "a\uFFFDz"},
      {"cut \xE7\xB4", "cut \uFFFD\uFFFD"},              // the end of a sequence is missing
      {"\xC0\xAF", "\uFFFD\uFFFD"},                      // an overlong slash
      {"\xE0\x80\xAF", "\uFFFD\uFFFD\uFFFD"},            // and a longer one
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},            // a surrogate
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},  // beyond U+10FFFF
      {"\x80", "\uFFFD"},
  };
  for (const auto& [message, expected] : cases) {
    const jobs::RejectedRecord record{1, 1, {jobs::ErrorCode::invalid_job, std::string(message)}};
    CHECK(parsed(record)["error"]["message"] == expected);
  }
}

TEST_CASE("times are UTC, with leading zeros and milliseconds cut") {
  const std::pair<jobs::Timestamp, std::string_view> cases[] = {
      {jobs::Timestamp{}, "1970-01-01T00:00:00.000Z"},
      {jobs::Timestamp{951'782'399s + 999'999us}, "2000-02-28T23:59:59.999Z"},
      {jobs::Timestamp{951'782'400s + 7ms}, "2000-02-29T00:00:00.007Z"},
      {jobs::Timestamp{-1ms}, "1969-12-31T23:59:59.999Z"},
  };
  for (const auto& [time, expected] : cases) {
    CHECK(parsed(jobs::RunRecord{"r", "h", time})["started_at"] == expected);
  }
}

TEST_CASE("a record is appended after what is there") {
  std::string out = "before\n";
  jobs::append(out, jobs::SummaryRecord{{}, 0ns});
  CHECK(out.starts_with("before\n{\"event\":\"summary\""));
}

TEST_CASE("states and error codes have names of their own") {
  using jobs::ErrorCode;
  using jobs::State;
  CHECK(to_string(State::succeeded) == "succeeded");
  CHECK(to_string(State::failed) == "failed");
  CHECK(to_string(State::timed_out) == "timed_out");
  CHECK(to_string(State::cancelled) == "cancelled");
  CHECK(to_string(State::interrupted) == "interrupted");
  CHECK(to_string(State::skipped) == "skipped");
  CHECK(to_string(ErrorCode::invalid_job) == "invalid_job");
  CHECK(to_string(ErrorCode::duplicate_id) == "duplicate_id");
  CHECK(to_string(ErrorCode::line_too_long) == "line_too_long");
  CHECK(to_string(ErrorCode::numbers_unreadable) == "numbers_unreadable");
  CHECK(to_string(ErrorCode::invalid_number) == "invalid_number");
  CHECK(to_string(ErrorCode::shutdown) == "shutdown");
  CHECK(to_string(ErrorCode::internal) == "internal");
}

TEST_SUITE_END();
