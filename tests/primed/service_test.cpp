#include "primed/service.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "support/loop_test.hpp"
#include "support/memory_file.hpp"
#include "support/temporary_folder.hpp"

namespace {

using primed::ExitCode;
using primed::Service;

/// A service on a loop of its own, which ends first.
struct Life {
  explicit Life(const primed::Options& of) : options(of) {}
  ~Life() {
    messages.detach();
    service.abandon();
    loop.close();
  }

  /// The exit code; as the command has it, if a stop came while the list was being read.
  ExitCode end() {
    try {
      return loop.run_until_complete(main);
    } catch (const aio::CancelledError&) {
      return service.exit_code();
    }
  }

  primed::Options options;
  support::MemoryFile printed;
  primed::Messages messages{printed.fd()};
  aio::EventLoop loop;
  Service service{loop, messages, options};
  aio::Task<ExitCode> main = loop.create_task(service.main(), "main");
};

/// The list in a file of this name, and the records in another one.
primed::Options options_for(const support::TemporaryFolder& folder, const char* name,
                            const char* list) {
  primed::Options options;
  options.jobs = folder.write(name, list).string();
  options.settings.results = (folder.path() / "results").string();
  options.settings.workers = 1;
  return options;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Whether they are from the first to the last one, or none at all.
bool is_whole(const std::string& records) {
  if (records.empty()) return true;
  const std::size_t last = records.rfind('\n', records.size() - 2) + 1;
  return records.starts_with("{\"event\":\"run\"") && records.ends_with("\n") &&
         records.compare(last, 18, "{\"event\":\"summary\"") == 0;
}

constexpr const char* document = R"({"jobs":[{"kind":"prime","number":7}]})";
constexpr const char* line = "{\"kind\":\"prime\",\"number\":7}\n";

}  // namespace

TEST_SUITE_BEGIN("service");

TEST_CASE("a service works its list and exits with its code") {
  const support::TemporaryFolder folder;
  for (const auto& [name, list] : {std::pair{"jobs.json", document}, {"jobs.ndjson", line}}) {
    Life life(options_for(folder, name, list));
    CHECK(life.end() == ExitCode::success);
    CHECK(is_whole(text_of(*life.options.settings.results)));
    CHECK(life.service.close_results(ExitCode::success) == ExitCode::success);
    CHECK(life.printed.text().empty());
  }
}

TEST_CASE("a stop at any turn leaves all records or none") {
  const support::TemporaryFolder folder;
  for (const auto& [name, list] : {std::pair{"jobs.json", document}, {"jobs.ndjson", line}}) {
    for (int turns = 0; turns < 30; ++turns) {
      CAPTURE(name);
      CAPTURE(turns);
      std::filesystem::remove(folder.path() / "results");
      Life life(options_for(folder, name, list));
      support::run_turns(life.loop, turns);
      life.service.on_signal(SIGTERM);
      const ExitCode code = life.end();
      const std::string records = text_of(*life.options.settings.results);
      CHECK(is_whole(records));
      const bool is_done = records.find("\"state\":\"succeeded\"") != std::string::npos;
      CHECK(code == (is_done ? ExitCode::success : ExitCode::work_left));
      CHECK(life.printed.text().empty());
    }
  }
}

TEST_CASE("a signal before the first step is obeyed in it") {
  const support::TemporaryFolder folder;
  primed::Options options = options_for(folder, "jobs.json", document);
  SUBCASE("run") {
    Life life(options);
    life.service.on_signal(SIGHUP);
    CHECK(life.end() == ExitCode::work_left);
  }
  SUBCASE("serve") {
    options.command = primed::Command::serve;
    Life life(options);
    life.service.on_signal(SIGHUP);  // says that it goes on
    life.service.on_signal(SIGTERM);
    CHECK(life.end() == ExitCode::success);
    CHECK(life.printed.text().starts_with("primed: SIGHUP: reload is not supported yet"));
  }
  CHECK_FALSE(std::filesystem::exists(*options.settings.results));
}

TEST_CASE("signals that ask for something find a service that has nothing to give yet") {
  const support::TemporaryFolder folder;
  Life life(options_for(folder, "jobs.json", document));
  life.service.on_signal(SIGUSR1);
  life.service.on_signal(SIGUSR2);
  CHECK(life.printed.text().starts_with(
      "primed: SIGUSR1: there is no results file to reopen\nprimed: no job has been taken in yet\n"
      "(T) main"));
  CHECK(life.end() == ExitCode::success);
}

TEST_CASE("an error of closing the results is an output that failed") {
  const support::TemporaryFolder folder;
  Life life(options_for(folder, "jobs.json", document));
  CHECK(life.end() == ExitCode::success);
  life.messages.detach();
  life.service.abandon();
  life.loop.close();
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (read_symlink(entry.path(), gone) != *life.options.settings.results) continue;
    ::close(std::stoi(entry.path().filename()));
    break;
  }
  CHECK(life.service.close_results(ExitCode::success) == ExitCode::output_failed);
}

TEST_CASE("a results file that cannot be made and a list with faults keep it from beginning") {
  const support::TemporaryFolder folder;
  primed::Options options = options_for(folder, "jobs.json", R"({"jobs":[{}]})");
  options.settings.results = "/nowhere/results";
  {
    Life life(options);
    CHECK(life.end() == ExitCode::bad_configuration);
    CHECK(life.printed.text().starts_with(options.jobs + ":1:10: /jobs/0: "));
  }
  options.jobs = folder.write("jobs.json", document).string();
  Life life(options);
  CHECK_THROWS_AS(life.end(), primed::Exit);
}
