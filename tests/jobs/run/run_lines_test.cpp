#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "jobs/run/run.hpp"
#include "jobs/run/run_support.hpp"
#include "support/loop_test.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Counts;
using support::MemoryFile;
using support::Pipe;
using support::RunTest;

const std::string seven = "{\"kind\": \"prime\", \"number\": 7}\n";
const std::string slow =
    "{\"kind\": \"prime\", \"number\": 18446744073709551557, \"method\": \"trial_division\"}\n";

std::string times(int count, const std::string& line) {
  std::string text;
  for (int i = 0; i < count; ++i) text += line;
  return text;
}

/// Works the lines of `text` as a file.
void work(RunTest& test, const std::string& text) {
  const MemoryFile list(text);
  jobs::LineReader lines(list.fd(), {});
  test.work(lines);
}

/// A run that reads from a pipe while a test writes to it.
struct Tailing {
  explicit Tailing(unsigned workers) : test(workers) {
    working = test.loop.create_task(test.run.work(source));
  }
  Tailing(const Tailing&) = delete;
  Tailing& operator=(const Tailing&) = delete;

  /// Lets the run go on until it has written `count` records with this event, or for 30 s.
  std::vector<nlohmann::json> wait_for(std::string_view event, std::size_t count) {
    const auto end = aio::Clock::now() + 30s;
    while (test.records(event).size() < count && aio::Clock::now() < end) {
      test.loop.run_until_complete(aio::sleep(1ms));
    }
    return test.records(event);
  }

  void wait_until_begun(std::size_t checks) {
    const auto end = aio::Clock::now() + 30s;
    while (test.run.begun_checks() < checks && aio::Clock::now() < end) {
      test.loop.run_until_complete(aio::sleep(1ms));
    }
    REQUIRE(test.run.begun_checks() >= checks);
  }

  void finish() {
    test.loop.run_until_complete(working);
    test.loop.run_until_complete(test.output.flush());
    test.check_accounts();
  }

  Pipe pipe;
  jobs::LineReader lines{pipe.reader(), {}};
  jobs::LineSource source{lines, {}};
  RunTest test;
  aio::Task<void> working;
};

}  // namespace

TEST_SUITE_BEGIN("run_lines");

TEST_CASE("lines of every kind are worked and bad ones rejected") {
  RunTest test;
  work(test,
       seven + "{\"id\": \"c\", \"kind\": \"countdown\", \"from\": 2, \"interval\": \"1ms\"}\r\n" +
           "nonsense\n\n" +
           "{\"id\": \"t\", \"kind\": \"countdown\", \"from\": 0, \"executor\": \"thread\"}\n" +
           "{\"id\": \"l\", \"kind\": \"prime\", \"number\": 7, \"executor\": \"loop\"}\n" +
           "{\"id\": \"c\", \"kind\": \"prime\", \"number\": 7}");
  CHECK(test.run.counts() == Counts{.accepted = 4, .succeeded = 4, .rejected = 2});
  const auto rejected = test.records("rejected");
  REQUIRE(rejected.size() == 2);
  CHECK(rejected[0]["line"] == 3);
  CHECK(rejected[0]["error"]["code"] == "invalid_job");
  CHECK(rejected[1]["line"] == 7);
  CHECK(rejected[1]["error"]["code"] == "duplicate_id");
  CHECK(test.states().contains("job-1"));
  CHECK_FALSE(test.run.left_work());
}

TEST_CASE("an input without lines is an empty list") {
  RunTest test;
  work(test, "");
  CHECK(test.run.counts() == Counts());
  CHECK_FALSE(test.run.left_work());
}

TEST_CASE("a long list is worked by all workers and no job twice") {
  RunTest test(3);
  std::string text;
  for (int i = 1; i <= 4'000; ++i) {
    text += i % 100 == 0 ? "{\"id\": \"same\", \"kind\": \"prime\", \"number\": 7}\n" : seven;
  }
  work(test, text);
  CHECK(test.run.counts() == Counts{.accepted = 3'961, .succeeded = 3'961, .rejected = 39});
  CHECK(test.states().contains("job-3999"));
  for (const auto& rejected : test.records("rejected")) CHECK(rejected["line"] != 100);
}

TEST_CASE("of lines with the same id in chunks at different workers the first is kept") {
  constexpr int lines = 40'000;
  RunTest test(4);
  std::string text;
  for (int i = 0; i < lines; ++i) {  // the second half repeats the first one's ids
    text += "{\"id\": \"number " + std::to_string(i % (lines / 2)) +
            "\", \"kind\": \"prime\", \"number\": 7" + (i % 3'000 == 17 ? " }\n" : "}\n");
  }
  work(test, text);
  CHECK(test.run.counts() == Counts{.accepted = 20'000, .succeeded = 20'000, .rejected = 20'000});
  CHECK(test.states().size() == lines / 2);
  std::size_t of_the_first = 0;
  for (const auto& rejected : test.records("rejected")) {
    if (rejected["line"] <= lines / 2) ++of_the_first;
  }
  CHECK(of_the_first == 0);
}

TEST_CASE("chunks that wait for the ids of others are worked whatever else is between them") {
  RunTest test(3);
  std::string text;
  for (int i = 0; i < 30'000; ++i) {
    const std::string id = "{\"id\": \"" + std::to_string(i) + "\", \"kind\": ";
    text +=
        id + (i % 5'000 == 4'999 ? "\"countdown\", \"from\": 0}\n" : "\"prime\", \"number\": 7}\n");
  }
  work(test, text);
  CHECK(test.run.counts() == Counts{.accepted = 30'000, .succeeded = 30'000});
  CHECK(test.states().size() == 30'000);
  CHECK_FALSE(test.run.left_work());
}

TEST_CASE("no more checks are begun than there are workers though chunks wait for ids") {
  std::string text;
  for (std::size_t i = 0; i < 8 * jobs::LineReader::chunk_lines; ++i) {
    const bool is_last = (i + 1) % jobs::LineReader::chunk_lines == 0;
    const std::string line = is_last ? slow : seven;
    text += "{\"id\": \"" + std::to_string(i) + "\", " + line.substr(1);
  }
  for (int round = 0; round < 10; ++round) {
    RunTest test(2);
    const MemoryFile list(text);
    jobs::LineReader lines(list.fd(), {});
    test.stop_when([&test] { return test.run.begun_checks() >= 2; }, aio::Duration::min());
    test.work(lines);
    CHECK(test.run.counts().interrupted == 2);
  }
}

TEST_CASE("after a stop in the middle of a list with ids every job is accounted for") {
  constexpr std::uint64_t lines_in_all = 40'000;
  std::string text;
  for (std::uint64_t i = 0; i < lines_in_all; ++i) {
    text += "{\"id\": \"" + std::to_string(i) + "\", \"kind\": \"prime\", \"number\": 7}\n";
  }
  const MemoryFile list(text);
  for (int round = 0; round < 5; ++round) {
    RunTest test(3);
    REQUIRE(lseek(list.fd(), 0, SEEK_SET) == 0);
    jobs::LineReader lines(list.fd(), {});
    test.stop_after_successes(1 + static_cast<std::uint64_t>(round) * 2'000, 0s);
    test.work(lines);
    CHECK(test.run.counts().succeeded == test.states().size());
    CHECK(test.run.counts().succeeded < lines_in_all);  // the stop came in the middle
    CHECK(test.run.left_work());
    CHECK(test.run.counts().rejected == 0);
  }
}

TEST_CASE("who writes line by line is answered line by line") {
  Tailing tailing(1);
  for (std::size_t i = 1; i <= 4; ++i) {
    tailing.pipe.write(seven);
    CHECK(tailing.wait_for("result", i).size() == i);
    tailing.pipe.write("nonsense\n");
    CHECK(tailing.wait_for("rejected", i).size() == i);
  }
  tailing.pipe.close_writer();
  tailing.finish();
  CHECK(tailing.test.run.counts() == Counts{.accepted = 4, .succeeded = 4, .rejected = 4});
}

TEST_CASE("countdowns start and bad lines are told while every worker computes") {
  Tailing tailing(2);
  tailing.pipe.write(times(4, slow));
  tailing.wait_until_begun(2);
  tailing.pipe.write("nonsense\n");
  CHECK(tailing.wait_for("rejected", 1).size() == 1);
  tailing.pipe.write("{\"kind\": \"countdown\", \"from\": 1, \"interval\": 0}\n" + seven);
  CHECK(tailing.wait_for("tick", 1).size() == 1);
  tailing.test.run.stop_now();
  tailing.finish();
  const Counts counts = tailing.test.run.counts();
  CHECK(counts.accepted == 6);
  CHECK(counts.rejected == 1);
  CHECK(counts.interrupted == 2);
}

TEST_CASE("a check that has begun ends while plain lines arrive without end") {
  Tailing tailing(1);
  // Some dozens of slices; wide lines, so that few of them make a chunk.
  tailing.pipe.write("{\"id\": \"long\", \"kind\": \"prime\", \"number\": 999999999999989," +
                     std::string("\"method\": \"trial_division\"}\n"));
  tailing.wait_until_begun(1);
  const std::string wide = seven.substr(0, seven.size() - 1) + std::string(450, ' ') + "\n";
  const std::string block = times(8, wide);  // goes into a pipe whole or not at all
  std::size_t blocks = 0;
  while (tailing.test.run.begun_checks() > 0 && blocks < 10'000) {
    if (::write(tailing.pipe.writer(), block.data(), block.size()) > 0) {
      ++blocks;
    } else {
      tailing.test.loop.run_until_complete(aio::sleep(0));
    }
  }
  CHECK(tailing.test.run.begun_checks() == 0);
  tailing.pipe.close_writer();
  tailing.finish();
  CHECK(tailing.test.run.counts().succeeded == 1 + 8 * blocks);
}

TEST_CASE("jobs that wait for room on the loop keep no worker from its checks") {
  jobs::RunOptions options;
  options.max_open_jobs = 1;
  RunTest test(2, options);
  const std::string hour = "{\"kind\": \"countdown\", \"from\": 1, \"interval\": \"1h\"}\n";
  constexpr std::size_t chunk = jobs::LineReader::chunk_lines;
  const std::string text = times(chunk, hour + seven + hour);
  const MemoryFile list(text);
  jobs::LineReader lines(list.fd(), {});
  const auto is_full = [&test] {  // with those of the chunks that were taken in
    return test.run.counts().succeeded > chunk / 4 && test.run.open_jobs() == 1;
  };
  test.stop_when(is_full, 0s);
  test.work(lines);
  CHECK(test.run.counts().succeeded > chunk / 4);
  CHECK(test.run.counts().interrupted == 1);
  CHECK(test.run.left_work());
}

TEST_CASE("jobs for the loop end when they are more than may be open") {
  jobs::RunOptions options;
  options.max_open_jobs = 2;
  RunTest test(aio::testing::virtual_time, 2, options);
  const std::string second = "{\"kind\": \"countdown\", \"from\": 1, \"interval\": 1}\n";
  const std::string on_loop = "{\"kind\": \"prime\", \"number\": 7, \"executor\": \"loop\"}\n";
  const std::string on_thread =
      "{\"kind\": \"countdown\", \"from\": 1, \"interval\": 0, \"executor\": \"thread\"}\n";
  work(test, times(500, second + on_loop + seven + on_thread));
  CHECK(test.run.counts() == Counts{.accepted = 2000, .succeeded = 2000});
}

TEST_CASE("the first result is there before the list is read") {
  Tailing tailing(2);
  const std::string part = times(500, seven);
  tailing.pipe.write(part);
  CHECK(tailing.wait_for("result", 500).size() == 500);
  CHECK_FALSE(tailing.working.done());
  tailing.pipe.close_writer();
  tailing.finish();
}

TEST_CASE("what reading throws is thrown when the jobs taken in have ended") {
  const int folder = ::open("/", O_RDONLY | O_CLOEXEC);
  {
    jobs::LineReader lines(folder, seven + "{\"kind\": \"countdown\", \"from\": 1}\n" + seven);
    RunTest test(aio::testing::virtual_time, 1);
    bool threw = false;
    try {
      test.work(lines);
    } catch (const std::system_error& error) {
      threw = error.code() == std::errc::is_a_directory;
    }
    CHECK(threw);
    CHECK(test.run.counts() == Counts{.accepted = 3, .succeeded = 3});
  }
  ::close(folder);
}
