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
#include "jobs/kinds/executor_names.hpp"
#include "jobs/version.hpp"

namespace primed {

namespace {

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

unsigned to_workers(std::string_view text) {
  return static_cast<unsigned>(to_count(text, jobs::workers_max));
}
jobs::Duration to_grace(std::string_view text) {
  const std::optional<jobs::Duration> grace = jobs::parse_duration(text);
  if (!grace) reject(text, "0 to 100 years, in seconds or as 1m30s");
  return *grace;
}
jobs::Executor to_executor(std::string_view text) {
  const std::optional<jobs::Executor> executor = jobs::executors.find(text);
  if (!executor) reject(text, "loop or thread");
  return *executor;
}
std::string to_file(std::string_view text) {
  if (text.empty()) reject(text, "a file");
  return std::string(text);
}
std::size_t to_open_jobs(std::string_view text) { return to_count(text, 1'000'000'000); }
std::size_t to_digits(std::string_view text) { return to_count(text, jobs::quoted_digits_max); }
InputFormat to_input(std::string_view text) {
  if (text == "auto") return InputFormat::automatic;
  if (text == "json") return InputFormat::json;
  if (text == "ndjson") return InputFormat::ndjson;
  reject(text, "auto, json or ndjson");
}

/// Which commands have a setting.
enum class Scope { work, work_and_check };

/// A setting: its name in each place that may give it, and where its value goes.
struct Setting {
  Scope scope;
  const char* flag;
  const char* variable;
  const char* value_name;
  const char* help;
  void (*set)(Options& options, std::string_view text);  // throws std::invalid_argument
  void (*fill)(jobs::Settings& settings, const jobs::Settings& list);  // if they leave it open
};

/// One that lists have too, as `member` of their settings.
template <auto member, auto parse>
constexpr Setting setting(Scope scope, const char* flag, const char* variable,
                          const char* value_name, const char* help) {
  const auto set = [](Options& options, std::string_view text) {
    options.settings.*member = parse(text);
  };
  const auto fill = [](jobs::Settings& settings, const jobs::Settings& list) {
    if (!(settings.*member)) settings.*member = list.*member;
  };
  return {scope, flag, variable, value_name, help, set, fill};
}

using FromList = jobs::Settings;
constexpr std::array settings_table = {
    setting<&FromList::results, to_file>(Scope::work, "--results", "PRIMED_RESULTS", "FILE",
                                         "Write the records to FILE instead of standard output"),
    setting<&FromList::workers, to_workers>(
        Scope::work, "--workers", "PRIMED_WORKERS", "N",
        "Threads for the checks, 1 to 64; the CPUs that may be used unless set"),
    setting<&FromList::executor, to_executor>(
        Scope::work, "--executor", "PRIMED_EXECUTOR", "WHERE",
        "Where all jobs run: loop or thread; otherwise countdowns on the loop, checks on threads"),
    setting<&FromList::grace, to_grace>(
        Scope::work, "--grace", "PRIMED_GRACE", "TIME",
        "How long running work may go on after a signal; 8s unless set"),
    setting<&FromList::max_open_jobs, to_open_jobs>(
        Scope::work, "--max-open-jobs", "PRIMED_MAX_OPEN_JOBS", "N",
        "Jobs under way on the loop at once; 100000 unless set"),
    setting<&FromList::max_digits, to_digits>(Scope::work_and_check, "--max-digits",
                                              "PRIMED_MAX_DIGITS", "N",
                                              "Longest number accepted in quotes, up to 20000"),
    Setting{Scope::work_and_check, "--input", "PRIMED_INPUT", "FORMAT",
            "How the list is written: json (one document), ndjson (one job a line), or auto: "
            "by the file's name, for standard input by its first line",
            [](Options& options, std::string_view text) { options.input = to_input(text); },
            [](jobs::Settings&, const jobs::Settings&) {}},
};

/// The argument of a command: the list that it works or checks, or the process that it looks at.
enum class Argument { none, list, process };

struct CommandRow {
  Command command;
  Argument argument;
  const char* name;
  const char* help;
};

constexpr std::array commands_table = {
    CommandRow{Command::run, Argument::list, "run", "Work the list to its end, then exit"},
    CommandRow{Command::serve, Argument::list, "serve", "Stay up; SIGTERM or SIGINT stops"},
    CommandRow{Command::check, Argument::list, "check",
               "Report every error in the list; start nothing"},
    CommandRow{Command::schema, Argument::none, "schema", "Print the JSON Schema of the job list"},
    CommandRow{Command::ps, Argument::process, "ps",
               "Print the tasks of a running primed as a table"},
    CommandRow{Command::pstree, Argument::process, "pstree",
               "Print them as a tree: who waits for whom"},
};

bool has(Command command, const Setting& setting) {
  const bool works = command == Command::run || command == Command::serve;
  return works || (command == Command::check && setting.scope == Scope::work_and_check);
}

/// `run, serve, check, schema, ps or pstree`
std::string names_of_commands() {
  std::string names;
  for (const CommandRow& row : commands_table) {
    if (!names.empty()) names += &row == &commands_table.back() ? " or " : ", ";
    names += row.name;
  }
  return names;
}

/// The command line of the program.
class CommandLine {
 public:
  CommandLine() {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", "primed " + std::string(jobs::version));
    for (std::size_t i = 0; i < commands_table.size(); ++i) {
      subcommands_[i] = app_.add_subcommand(commands_table[i].name, commands_table[i].help);
      add_flags(*subcommands_[i], commands_table[i].command);
      add_argument(*subcommands_[i], commands_table[i].argument);
    }
    // After the commands, which would take it over.
    app_.footer(
        "Records go to standard output, one JSON object a line; all else to standard error.\n"
        "Exit codes: 0 done, 1 some jobs failed, 64 usage, 66 no list, 73 and 74 results,\n"
        "75 stopped with work left, 78 bad list or settings; of ps and pstree: 69 no such "
        "process,\n"
        "77 no permission.");
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
    const CommandRow& row = found_command();
    Options options;
    options.command = row.command;
    options.jobs = jobs_;
    options.as_json = as_json_;
    if (row.argument == Argument::process) options.process = found_process();
    apply_settings(options);
    return options;
  }

 private:
  void add_flags(CLI::App& subcommand, Command command) {
    for (std::size_t i = 0; i < settings_table.size(); ++i) {
      const Setting& setting = settings_table[i];
      if (!has(command, setting)) continue;
      const std::string help = std::string(setting.help) + " [" + setting.variable + "]";
      subcommand.add_option(setting.flag, texts_[i], help)->option_text(setting.value_name);
    }
    if (command == Command::ps) {
      subcommand.add_flag("--json", as_json_, "Print JSON instead of a table");
    }
  }

  void add_argument(CLI::App& subcommand, Argument argument) {
    if (argument == Argument::none) return;
    CLI::Option* const option =
        argument == Argument::list
            ? subcommand.add_option("JOBS", jobs_, "The job list: a file, or - for standard input")
            : subcommand.add_option("PID", process_,
                                    "The process: a primed, or another program on aio");
    option->required()->option_text(" ");
  }

  const CommandRow& found_command() const {
    std::size_t i = 0;
    while (!subcommands_[i]->parsed()) ++i;  // one is required
    return commands_table[i];
  }

  pid_t found_process() const {
    try {
      constexpr std::size_t most = std::numeric_limits<pid_t>::max();
      return static_cast<pid_t>(to_count(process_, most));
    } catch (const std::invalid_argument& error) {
      throw Exit(ExitCode::usage, std::string("PID: ") + error.what());
    }
  }

  /// Flag before environment; an error in the one is the user's, in the other the configuration's.
  void apply_settings(Options& options) const {
    for (std::size_t i = 0; i < settings_table.size(); ++i) {
      const Setting& setting = settings_table[i];
      if (!has(options.command, setting)) continue;
      const char* const from_environment = std::getenv(setting.variable);
      try {
        if (texts_[i]) {
          setting.set(options, *texts_[i]);
        } else if (from_environment) {
          setting.set(options, from_environment);
        }
      } catch (const std::invalid_argument& error) {
        throw Exit(texts_[i] ? ExitCode::usage : ExitCode::bad_configuration,
                   std::string(texts_[i] ? setting.flag : setting.variable) + ": " + error.what());
      }
    }
  }

  std::string explain(const CLI::ParseError& error) const {
    if (!app_.get_subcommands().empty()) return error.what();
    const std::vector<std::string> rest = app_.remaining();
    const std::string found = rest.empty() ? "a command is missing"
                                           : "\"" + rest.front().substr(0, 80) + "\" is no command";
    return found + "; expected " + names_of_commands();
  }

  CLI::App app_{"Works lists of countdowns and prime checks, and prints what comes of them.",
                "primed"};
  std::array<CLI::App*, commands_table.size()> subcommands_{};
  std::string jobs_;
  std::string process_;
  bool as_json_ = false;
  std::array<std::optional<std::string>, settings_table.size()> texts_;  // of the flags
};

}  // namespace

std::optional<Options> read_options(int argc, char** argv) {
  CommandLine command_line;
  return command_line.read(argc, argv);
}

jobs::Settings or_else(jobs::Settings settings, const jobs::Settings& list) {
  for (const Setting& setting : settings_table) setting.fill(settings, list);
  return settings;
}

}  // namespace primed
