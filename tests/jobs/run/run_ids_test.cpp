// Of the lines with the same id the first one of the list is worked, whichever worker is first.

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "jobs/run/held_run.hpp"
#include "jobs/run/run_support.hpp"
#include "support/memory_file.hpp"

namespace {

using support::HeldRun;
using support::MemoryFile;

/// A list that is drawn at random, and what is to become of it.
struct List {
  std::string text;
  std::map<std::string, std::string> numbers;  // that are checked, by the id of the job
  std::vector<std::uint64_t> repeated;         // lines
  std::vector<std::uint64_t> invalid;          // lines
};

bool one_in(std::mt19937& random, unsigned count) { return random() % count == 0; }

std::string job_name(std::uint64_t position) { return "job-" + std::to_string(position); }

/// Lines of all widths, so that chunks are cut at all places; some are read the fast way, some not.
List draw_list(std::mt19937& random) {
  List list;
  const unsigned lines = 3'000 + static_cast<unsigned>(random() % 9'000);
  const unsigned ids = 1 + static_cast<unsigned>(random() % lines);
  std::uint64_t position = 0;
  for (std::uint64_t line = 1; line <= lines; ++line) {
    if (one_in(random, 10)) {
      list.text += '\n';
      continue;
    }
    ++position;
    const std::string number = std::to_string(random() | 1U);
    const std::string id = std::to_string(random() % ids);
    const bool is_invalid = one_in(random, 100);
    const bool is_named = is_invalid || !one_in(random, 8);
    list.text += '{';
    if (is_named) list.text.append("\"id\": \"").append(id).append("\", ");
    if (is_invalid) list.text += "nonsense, ";
    if (one_in(random, 300)) list.text += "\"method\": \"auto\", ";
    list.text.append("\"kind\": \"prime\", \"number\": ").append(number).append("}");
    if (is_invalid) {
      list.invalid.push_back(line);
    } else if (!list.numbers.emplace(is_named ? id : job_name(position), number).second) {
      list.repeated.push_back(line);
    }
    if (one_in(random, 500)) list.text.append(20'000, ' ');
    list.text += '\n';
  }
  return list;
}

/// Takes workers away from a run for some moments, and others at other times.
aio::Coro<void> disturb(HeldRun& held, std::mt19937& random) {
  const auto sleep = [](std::chrono::microseconds time) { std::this_thread::sleep_for(time); };
  while (!held.working.done()) {
    const std::chrono::microseconds time(random() % 300);
    co_await held.loop.run_in_executor(held.pool, sleep, time);
  }
}

std::vector<std::uint64_t> sorted(std::vector<std::uint64_t> lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

void check(const List& list, const std::string& written) {
  std::map<std::string, std::string> numbers;
  std::map<std::string, std::vector<std::uint64_t>> rejected;
  bool is_each_once = true;
  for (const auto& record : support::parse_records(written)) {
    if (record["event"] == "rejected") {
      rejected[record["error"]["code"]].push_back(record["line"]);
    } else {
      is_each_once &= numbers.emplace(record["job_id"], record["result"]["number"]).second;
    }
  }
  CHECK(is_each_once);
  CHECK((numbers == list.numbers));
  CHECK((sorted(rejected["duplicate_id"]) == list.repeated));
  CHECK((sorted(rejected["invalid_job"]) == list.invalid));
}

}  // namespace

TEST_SUITE_BEGIN("run_ids");

TEST_CASE("each line that repeats an id is rejected once, in any order of the workers") {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const List list = draw_list(random);
    const MemoryFile in(list.text);
    const MemoryFile out;
    HeldRun held(in.fd(), 2 + static_cast<unsigned>(random() % 4), out.fd());
    held.start();
    const aio::Task<void> disturbing = held.loop.create_task(disturb(held, random));
    held.finish();
    held.loop.run_until_complete(disturbing);
    check(list, out.text());
  }
}
