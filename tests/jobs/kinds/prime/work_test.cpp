#include "jobs/kinds/prime/work.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jobs/output/record.hpp"
#include "jobs/run/run_support.hpp"
#include "support/temporary_folder.hpp"

namespace {

using jobs::PrimeWork;
using jobs::State;
using nlohmann::json;
using support::TemporaryFolder;

primes::Integer integer(std::string_view text) { return primes::Integer::parse(text).value(); }

/// An attempt at a job called `p`.
PrimeWork work_on(jobs::Prime job) {
  return PrimeWork(std::make_shared<const jobs::Job>(jobs::Job{"p", std::nullopt, std::move(job)}));
}

/// Its records, and its result behind them.
std::vector<json> with_result(std::string records, const jobs::Ending& ending) {
  append(records, jobs::ResultRecord{"p", "prime", 1, ending});
  return support::parse_records(records);
}

/// All records of a job that is worked to its end.
std::vector<json> records_of(jobs::Prime job) {
  PrimeWork work = work_on(std::move(job));
  std::string records;
  while (!work.step(records)) {
  }
  return with_result(std::move(records), work.take_ending());
}

json result_of(const std::vector<json>& records) {
  REQUIRE_FALSE(records.empty());
  for (const json& record : records) {
    CHECK(record["job_id"] == "p");
    CHECK((record["event"] == "result") == (&record == &records.back()));
  }
  return records.back();
}

}  // namespace

TEST_SUITE_BEGIN("prime_work");

TEST_CASE("one number gives its verdict in the result") {
  const auto records = records_of({integer("9637529763296797")});
  REQUIRE(records.size() == 1);
  const json result = result_of(records);
  CHECK(result["state"] == "succeeded");
  CHECK(result["kind"] == "prime");
  CHECK(result["attempt"] == 1);
  CHECK(result["duration_ns"].get<std::int64_t>() >= 0);
  CHECK(result["result"]["number"] == "9637529763296797");
  CHECK(result["result"]["prime"] == true);
  CHECK(result["result"]["certainty"] == "proven");
}

TEST_CASE("a number is told in base ten however it was written") {
  CHECK(result_of(records_of({integer("0xffffffffffffffffffff")}))["result"]["number"] ==
        "1208925819614629174706175");
}

TEST_CASE("many numbers give a check each and one result") {
  const auto records =
      records_of({std::vector<primes::Integer>{integer("561"), integer("7"), integer("-7")}});
  REQUIRE(records.size() == 4);
  CHECK(records[0]["index"] == 0);
  CHECK(records[0]["number"] == "561");
  CHECK(records[0]["prime"] == false);
  CHECK(records[1]["index"] == 1);
  CHECK(records[1]["prime"] == true);
  CHECK(records[2]["number"] == "-7");
  CHECK(records[2]["prime"] == false);
  CHECK(result_of(records)["result"] == json{{"checked", 3}, {"primes", 1}});
}

TEST_CASE("a list of one number is still a list") {
  const auto records = records_of({std::vector<primes::Integer>{integer("7")}});
  REQUIRE(records.size() == 2);
  CHECK(result_of(records)["result"] == json{{"checked", 1}, {"primes", 1}});
}

TEST_CASE("no number at all is a success") {
  const TemporaryFolder folder;
  const jobs::NumbersFrom empty{folder.write("numbers.txt", "")};
  for (const auto& records : {records_of({std::vector<primes::Integer>()}), records_of({empty})}) {
    CHECK(records.size() == 1);
    CHECK(result_of(records)["state"] == "succeeded");
    CHECK(result_of(records)["result"] == json{{"checked", 0}, {"primes", 0}});
  }
}

TEST_CASE("a file of numbers is checked line by line") {
  const TemporaryFolder folder;
  const auto records =
      records_of({jobs::NumbersFrom{folder.write("numbers.txt", "7\r\n\r\n8\n11")}});
  REQUIRE(records.size() == 4);
  CHECK(records[1]["number"] == "8");
  CHECK(result_of(records)["result"] == json{{"checked", 3}, {"primes", 2}});
}

TEST_CASE("a bad line fails the job after the checks before it") {
  const TemporaryFolder folder;
  const auto file = folder.write("numbers.txt", "7\n\nseven\n11\n");
  const auto records = records_of({jobs::NumbersFrom{file}});
  REQUIRE(records.size() == 2);
  const json result = result_of(records);
  CHECK(result["state"] == "failed");
  CHECK(result["error"]["code"] == "invalid_number");
  CHECK(result["error"]["message"].get<std::string>().starts_with(file.string() + ":3: "));
  CHECK_FALSE(result.contains("result"));
}

TEST_CASE("a file that cannot be read fails the job") {
  const json result = result_of(records_of({jobs::NumbersFrom{"/no/such/file"}}));
  CHECK(result["state"] == "failed");
  CHECK(result["error"]["code"] == "numbers_unreadable");
  CHECK(result["error"]["message"] == "/no/such/file: No such file or directory");
}

TEST_CASE("a number of the file that is too large for the method fails the job") {
  const TemporaryFolder folder;
  const auto file = folder.write("numbers.txt", "7\n18446744073709551629\n");
  const json result =
      result_of(records_of({jobs::NumbersFrom{file}, primes::Algorithm::trial_division}));
  CHECK(result["state"] == "failed");
  CHECK(result["error"]["code"] == "invalid_number");
}

TEST_CASE("a job can be interrupted between any two steps") {
  const auto slow = support::slow_prime("p");
  const auto list = std::vector<primes::Integer>{integer("7"), integer("18446744073709551557")};
  for (const auto& [job, checks] :
       {std::pair(std::get<jobs::Prime>(slow.work), 0U),
        std::pair(jobs::Prime{list, primes::Algorithm::trial_division}, 1U)}) {
    PrimeWork work = work_on(job);
    CHECK_FALSE(work.has_started());
    std::string out;
    for (int i = 0; i < 3; ++i) CHECK_FALSE(work.step(out));
    CHECK(work.has_started());
    const jobs::Ending ending = work.interrupt();
    CHECK(ending.state == State::interrupted);
    const auto records = with_result(out, ending);
    CHECK(records.size() == checks + 1);
    CHECK(result_of(records)["state"] == "interrupted");
    CHECK(result_of(records)["error"]["code"] == "shutdown");
  }
}
