#include "primed/options.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <vector>

#include "jobs/available_cpus.hpp"
#include "jobs/json/duration.hpp"
#include "jobs/json/limits.hpp"
#include "jobs/version.hpp"

namespace primed {

namespace {

/// A setting as text, and where it goes.
struct Setting {
  const char* flag;
  const char* variable;
  const char* value_name;
  const char* help;
  void (*set)(Options& options, std::string_view text);  // throws std::invalid_argument
};

[[noreturn]] void reject(std::string_view text, std::string_view expected) {
  throw std::invalid_argument("\"" + std::string(text.substr(0, 80)) +
                              "\" is not valid; expected " + std::string(expected));
}

std::size_t to_count(std::string_view text, std::size_t most) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || count < 1 || count > most) reject(text, "1 to " + std::to_string(most));
  return count;
}

void set_workers(Options& options, std::string_view text) {
  options.settings.workers = static_cast<unsigned>(to_count(text, jobs::workers_max));
}
void set_grace(Options& options, std::string_view text) {
  options.settings.grace = jobs::parse_duration(text);
  if (!options.settings.grace) reject(text, "0 to 100 years, in seconds or as 1m30s");
}
void set_executor(Options& options, std::string_view text) {
  if (text != "loop" && text != "thread") reject(text, "loop or thread");
  options.settings.executor = text == "loop" ? jobs::Executor::loop : jobs::Executor::thread;
}
void set_results(Options& options, std::string_view text) {
  if (text.empty()) reject(text, "a file");
  options.settings.results = std::string(text);
}
void set_max_open_jobs(Options& options, std::string_view text) {
  options.settings.max_open_jobs = to_count(text, 1'000'000'000);
}
void set_max_digits(Options& options, std::string_view text) {
  options.settings.max_digits = to_count(text, jobs::quoted_digits_max);
}
void set_input(Options& options, std::string_view text) {
  if (text == "auto") {
    options.input = InputFormat::automatic;
  } else if (text == "json") {
    options.input = InputFormat::json;
  } else if (text == "ndjson") {
    options.input = InputFormat::ndjson;
  } else {
    reject(text, "auto, json or ndjson");
  }
}

constexpr Setting input_setting = {
    "--input", "PRIMED_INPUT", "FORMAT",
    "How the list is written: json (one document), ndjson (one job a line), or auto: "
    "by the file's name, for standard input by its first line",
    set_input};
constexpr Setting max_digits_setting = {"--max-digits", "PRIMED_MAX_DIGITS", "N",
                                        "Longest number accepted in quotes, up to 20000",
                                        set_max_digits};
constexpr std::array<Setting, 7> work_settings = {
    Setting{"--results", "PRIMED_RESULTS", "FILE",
            "Write the records to FILE instead of standard output", set_results},
    Setting{"--workers", "PRIMED_WORKERS", "N",
            "Threads for the checks, 1 to 64; the CPUs that may be used unless set", set_workers},
    Setting{
        "--executor", "PRIMED_EXECUTOR", "WHERE",
        "Where all jobs run: loop or thread; otherwise countdowns on the loop, checks on threads",
        set_executor},
    Setting{"--grace", "PRIMED_GRACE", "TIME",
            "How long running work may go on after a signal; 8s unless set", set_grace},
    Setting{"--max-open-jobs", "PRIMED_MAX_OPEN_JOBS", "N",
            "Jobs under way on the loop at once; 100000 unless set", set_max_open_jobs},
    max_digits_setting,
    input_setting,
};
constexpr std::array<Setting, 2> check_settings = {max_digits_setting, input_setting};

/// The texts that the flags were given, one for each of `settings`.
template <std::size_t count>
using Texts = std::array<std::optional<std::string>, count>;

template <std::size_t count>
void add_flags(CLI::App& command, const std::array<Setting, count>& settings, Texts<count>& texts) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string help = std::string(settings[i].help) + " [" + settings[i].variable + "]";
    command.add_option(settings[i].flag, texts[i], help)->option_text(settings[i].value_name);
  }
}

/// Flag before environment; an error in the one is the user's, in the other the configuration's.
template <std::size_t count>
void apply(Options& options, const std::array<Setting, count>& settings,
           const Texts<count>& texts) {
  for (std::size_t i = 0; i < count; ++i) {
    const Setting& setting = settings[i];
    const char* const from_environment = std::getenv(setting.variable);
    try {
      if (texts[i]) {
        setting.set(options, *texts[i]);
      } else if (from_environment) {
        setting.set(options, from_environment);
      }
    } catch (const std::invalid_argument& error) {
      throw Exit(texts[i] ? ExitCode::usage : ExitCode::bad_configuration,
                 std::string(texts[i] ? setting.flag : setting.variable) + ": " + error.what());
    }
  }
}

/// The command line of the program.
class CommandLine {
 public:
  CommandLine() {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", "primed " + std::string(jobs::version));
    app_.footer(
        "Records go to standard output, one JSON object a line; all else to standard error.\n"
        "Exit codes: 0 done, 1 some jobs failed, 64 usage, 66 no list, 73 and 74 results,\n"
        "75 stopped with work left, 78 bad list or settings; of ps and pstree: 69 no such "
        "process,\n"
        "77 no permission.");
    for (CLI::App* const command : {run_, serve_}) add_flags(*command, work_settings, work_texts_);
    add_flags(*check_, check_settings, check_texts_);
    for (CLI::App* const command : {run_, serve_, check_}) {
      command->add_option("JOBS", jobs_, "The job list: a file, or - for standard input")
          ->required()
          ->option_text(" ");
    }
    for (CLI::App* const command : {ps_, pstree_}) {
      command->add_option("PID", process_, "The process: a primed, or another program on aio")
          ->required()
          ->option_text(" ");
    }
    ps_->add_flag("--json", as_json_, "Print JSON instead of a table");
  }

  std::optional<Options> read(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Success& asked) {  // --help or --version
      app_.exit(asked);
      return std::nullopt;
    } catch (const CLI::ParseError& error) {
      throw Exit(ExitCode::usage, explain(error) + "\nTry 'primed --help'.");
    }
    Options options;
    options.jobs = jobs_;
    options.command = run_->parsed()      ? Command::run
                      : serve_->parsed()  ? Command::serve
                      : check_->parsed()  ? Command::check
                      : ps_->parsed()     ? Command::ps
                      : pstree_->parsed() ? Command::pstree
                                          : Command::schema;
    if (options.command == Command::ps || options.command == Command::pstree) {
      read_process(options);
    } else if (options.command == Command::check) {
      apply(options, check_settings, check_texts_);
    } else if (options.command != Command::schema) {
      apply(options, work_settings, work_texts_);
    }
    return options;
  }

 private:
  void read_process(Options& options) const {
    options.as_json = as_json_;
    try {
      constexpr std::size_t most = std::numeric_limits<pid_t>::max();
      options.process = static_cast<pid_t>(to_count(process_, most));
    } catch (const std::invalid_argument& error) {
      throw Exit(ExitCode::usage, std::string("PID: ") + error.what());
    }
  }

  std::string explain(const CLI::ParseError& error) const {
    if (!app_.get_subcommands().empty()) return error.what();
    const std::vector<std::string> rest = app_.remaining();
    const std::string found = rest.empty() ? "a command is missing"
                                           : "\"" + rest.front().substr(0, 80) + "\" is no command";
    return found + "; expected run, serve, check, schema, ps or pstree";
  }

  CLI::App app_{"Works lists of countdowns and prime checks, and prints what comes of them.",
                "primed"};
  CLI::App* run_ = app_.add_subcommand("run", "Work the list to its end, then exit");
  CLI::App* serve_ = app_.add_subcommand("serve", "Stay up; SIGTERM or SIGINT stops");
  CLI::App* check_ = app_.add_subcommand("check", "Report every error in the list; start nothing");
  CLI::App* schema_ = app_.add_subcommand("schema", "Print the JSON Schema of the job list");
  CLI::App* ps_ = app_.add_subcommand("ps", "Print the tasks of a running primed as a table");
  CLI::App* pstree_ = app_.add_subcommand("pstree", "Print them as a tree: who waits for whom");
  std::string jobs_;
  std::string process_;
  bool as_json_ = false;
  Texts<work_settings.size()> work_texts_;
  Texts<check_settings.size()> check_texts_;
};

}  // namespace

std::optional<Options> read_options(int argc, char** argv) {
  CommandLine command_line;
  return command_line.read(argc, argv);
}

jobs::Settings or_else(jobs::Settings settings, const jobs::Settings& list) {
  const auto take = [](auto& mine, const auto& theirs) {
    if (!mine) mine = theirs;
  };
  take(settings.workers, list.workers);
  take(settings.grace, list.grace);
  take(settings.executor, list.executor);
  take(settings.max_open_jobs, list.max_open_jobs);
  take(settings.max_digits, list.max_digits);
  take(settings.results, list.results);
  return settings;
}

}  // namespace primed
