#include "primed/options.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "support/loop_test.hpp"

namespace {

using namespace std::chrono_literals;
using primed::Command;
using primed::Exit;
using primed::ExitCode;
using primed::InputFormat;
using primed::Options;

/// Environment variables for one test; all other PRIMED_… are taken away.
class Environment {
 public:
  explicit Environment(std::initializer_list<std::pair<const char*, const char*>> variables = {}) {
    for (const char* const name : names) unsetenv(name);
    for (const auto& [name, value] : variables) setenv(name, value, 1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() {
    for (const char* const name : names) unsetenv(name);
  }

 private:
  static constexpr const char* names[] = {
      "PRIMED_RESULTS",       "PRIMED_WORKERS",    "PRIMED_EXECUTOR", "PRIMED_GRACE",
      "PRIMED_MAX_OPEN_JOBS", "PRIMED_MAX_DIGITS", "PRIMED_INPUT"};
};

std::optional<Options> read(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "primed");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  return primed::read_options(static_cast<int>(arguments.size()), argv.data());
}

/// How reading ends the program, and with what message.
std::pair<ExitCode, std::string> refusal(std::vector<std::string> arguments) {
  try {
    read(std::move(arguments));
  } catch (const Exit& exit) {
    return {exit.code(), exit.what()};
  }
  return {ExitCode::success, ""};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE_BEGIN("options");

TEST_CASE("a command and a list are enough") {
  const Environment none;
  const auto options = read({"run", "jobs.json"});
  CHECK(options->command == Command::run);
  CHECK(options->jobs == "jobs.json");
  CHECK(options->input == InputFormat::automatic);
  CHECK_FALSE(options->settings.workers);
  CHECK_FALSE(options->settings.results);
  CHECK(read({"serve", "-"})->command == Command::serve);
  CHECK(read({"serve", "-"})->jobs == "-");
  CHECK(read({"check", "jobs.json"})->command == Command::check);
  CHECK(read({"schema"})->command == Command::schema);
}

TEST_CASE("every flag arrives") {
  const Environment none;
  const auto options =
      read({"run", "--results", "out", "--workers=3", "--executor", "loop", "--grace", "1m30s",
            "--max-open-jobs", "7", "--max-digits", "50", "--input", "ndjson", "jobs"});
  CHECK(options->settings.results == "out");
  CHECK(options->settings.workers == 3U);
  CHECK(options->settings.executor == jobs::Executor::loop);
  CHECK(options->settings.grace == 90s);
  CHECK(options->settings.max_open_jobs == 7U);
  CHECK(options->settings.max_digits == 50U);
  CHECK(options->input == InputFormat::ndjson);
}

TEST_CASE("the environment says what the flags do not") {
  const Environment set{{"PRIMED_WORKERS", "5"},   {"PRIMED_GRACE", "2.5"},
                        {"PRIMED_RESULTS", "env"}, {"PRIMED_EXECUTOR", "thread"},
                        {"PRIMED_INPUT", "json"},  {"PRIMED_MAX_OPEN_JOBS", "9"},
                        {"PRIMED_MAX_DIGITS", "8"}};
  const auto options = read({"run", "--workers", "2", "jobs"});
  CHECK(options->settings.workers == 2U);
  CHECK(options->settings.grace == 2500ms);
  CHECK(options->settings.results == "env");
  CHECK(options->settings.executor == jobs::Executor::thread);
  CHECK(options->settings.max_open_jobs == 9U);
  CHECK(options->settings.max_digits == 8U);
  CHECK(options->input == InputFormat::json);
}

TEST_CASE("a wrong flag is a usage error that names it and what was expected") {
  const Environment none;
  for (const auto& [flag, value] :
       std::vector<std::pair<std::string, std::string>>{{"--workers", "0"},
                                                        {"--workers", "65"},
                                                        {"--workers", "two"},
                                                        {"--workers", "2x"},
                                                        {"--workers", "-1"},
                                                        {"--workers", "99999999999999999999"},
                                                        {"--grace", "soon"},
                                                        {"--grace", "-1"},
                                                        {"--executor", "process"},
                                                        {"--max-open-jobs", "0"},
                                                        {"--max-digits", "20001"},
                                                        {"--input", "xml"}}) {
    CAPTURE(flag);
    CAPTURE(value);
    const auto [code, message] = refusal({"run", flag + "=" + value, "jobs"});
    CHECK(code == ExitCode::usage);
    CHECK(contains(message, flag));
    CHECK(contains(message, "expected"));
  }
}

TEST_CASE("a wrong value in the environment is a bad configuration") {
  const Environment set{{"PRIMED_WORKERS", "many"}};
  const auto [code, message] = refusal({"run", "jobs"});
  CHECK(code == ExitCode::bad_configuration);
  CHECK(message == "PRIMED_WORKERS: \"many\" is not valid; expected 1 to 64");
  CHECK(refusal({"run", "--workers", "2", "jobs"}).first == ExitCode::success);
  CHECK(refusal({"schema"}).first == ExitCode::success);  // it is not asked for there
  CHECK(refusal({"check", "jobs"}).first == ExitCode::success);
}

TEST_CASE("a message repeats little of what it rejects") {
  const Environment none;
  CHECK(refusal({"run", "--workers", std::string(10'000, 'x'), "jobs"}).second.size() < 200);
}

TEST_CASE("a command line that asks for nothing known is a usage error") {
  const Environment none;
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"frob"},
                                             {"run"},
                                             {"run", "a", "b"},
                                             {"run", "--frob", "a"},
                                             {"jobs.json"},
                                             {"ctl", "x"},
                                             {"run", "a", "serve", "b"},
                                             {"check", "--workers", "2", "a"},
                                             {"run", "--workers"}}) {
    CAPTURE(arguments.size());
    const auto [code, message] = refusal(arguments);
    CHECK(code == ExitCode::usage);
    CHECK(contains(message, "Try 'primed --help'."));
  }
}

TEST_CASE("a command that is missing or unknown is told with the known ones") {
  const Environment none;
  CHECK(refusal({}).second ==
        "a command is missing; expected run, serve, check, schema, ps or pstree\nTry 'primed "
        "--help'.");
  CHECK(refusal({"frob", "jobs.json"})
            .second.starts_with(
                "\"frob\" is no command; expected run, serve, check, schema, ps or pstree"));
}

TEST_CASE("ps and pstree take the number of a process") {
  const Environment bad_value_nobody_asks_for{{"PRIMED_WORKERS", "two"}};
  CHECK(read({"ps", "12"})->command == Command::ps);
  CHECK(read({"pstree", "12"})->command == Command::pstree);
  CHECK(read({"ps", "12"})->process == 12);
  CHECK_FALSE(read({"ps", "12"})->as_json);
  CHECK(read({"ps", "--json", "12"})->as_json);
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"ps"},
                                                                     {"ps", "0"},
                                                                     {"ps", "x"},
                                                                     {"ps", "2147483648"},
                                                                     {"ps", "1", "2"},
                                                                     {"pstree"},
                                                                     {"pstree", "--json", "1"}}) {
    CAPTURE(arguments.size());
    CHECK(refusal(arguments).first == ExitCode::usage);
  }
}

TEST_CASE("help and version are printed and nothing else is wanted") {
  const Environment none;
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"--help"}, {"--version"}, {"run", "--help"}}) {
    CHECK_FALSE(read(arguments));
  }
}

TEST_CASE("what flags and environment leave open is taken from the list") {
  jobs::Settings mine;
  mine.workers = 2;
  jobs::Settings list;
  list.workers = 8;
  list.grace = 3s;
  list.results = "list";
  list.executor = jobs::Executor::loop;
  list.max_open_jobs = 4;
  list.max_digits = 6;
  const jobs::Settings settings = primed::or_else(mine, list);
  CHECK(settings.workers == 2U);
  CHECK(settings.grace == 3s);
  CHECK(settings.results == "list");
  CHECK(settings.executor == jobs::Executor::loop);
  CHECK(settings.max_open_jobs == 4U);
  CHECK(settings.max_digits == 6U);
}
