#include "primed/list_input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "jobs/bulk/line_detection.hpp"
#include "jobs/descriptor.hpp"
#include "jobs/json/limits.hpp"

namespace primed {

namespace {

/// A document is held in memory, and something that never ends should be told early.
constexpr std::size_t document_bytes_max = std::size_t{1} << 30;

bool is_standard_input(const Options& options) { return options.jobs == "-"; }

[[noreturn]] void cannot_read(const std::string& name, int error_number) {
  throw Exit(ExitCode::no_input, name + ": " + std::generic_category().message(error_number));
}

}  // namespace

ListInput::ListInput(const Options& options)
    : options_(options), name_(is_standard_input(options) ? "<stdin>" : options.jobs) {
  if (is_standard_input(options)) {
    fd_ = STDIN_FILENO;
    return;
  }
  // Non-blocking, so that a named pipe does not keep us from hearing signals until it has a writer.
  fd_ = ::open(options.jobs.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd_ < 0) cannot_read(name_, errno);
}

ListInput::~ListInput() {
  if (fd_ != STDIN_FILENO) ::close(fd_);
}

aio::Coro<bool> ListInput::read_some() {
  int error = 0;
  try {
    co_return co_await jobs::read_some(fd_, already_read_);
  } catch (const std::system_error& failure) {
    error = failure.code().value();
  }
  cannot_read(name_, error);
}

aio::Coro<bool> ListInput::is_one_job_a_line() {
  if (options_.input != InputFormat::automatic) co_return options_.input == InputFormat::ndjson;
  const std::string extension = std::filesystem::path(options_.jobs).extension().string();
  if (extension == ".ndjson" || extension == ".jsonl") co_return true;
  if (!is_standard_input(options_)) co_return false;
  for (;;) {
    const jobs::FirstLine first = jobs::look_at_first_line(already_read_);
    if (first != jobs::FirstLine::incomplete) co_return first == jobs::FirstLine::job;
    if (already_read_.size() > jobs::line_bytes_max) co_return false;
    const bool more = co_await read_some();
    if (!more) co_return jobs::look_at_first_line(already_read_ + '\n') == jobs::FirstLine::job;
  }
}

aio::Coro<std::string> ListInput::read_all() {
  for (bool more = true; more;) {
    more = co_await read_some();
    if (already_read_.size() > document_bytes_max) {
      throw Exit(ExitCode::bad_configuration,
                 name_ + ": larger than 1 GiB; a list with one job a line (.ndjson) may be");
    }
  }
  co_return take_already_read();
}

jobs::ParseOptions ListInput::parse_options() const {
  jobs::ParseOptions parse;
  if (!is_standard_input(options_)) parse.folder = std::filesystem::path(name_).parent_path();
  if (options_.settings.max_digits) {
    parse.max_digits = *options_.settings.max_digits;
    parse.max_digits_fixed = true;
  }
  return parse;
}

void print_faults(Messages& messages, const std::vector<jobs::ParseError>& faults,
                  std::string_view text, std::string_view name) {
  for (const jobs::ParseError& fault : faults) messages.print(fault.to_string(name) + "\n");
  if (!faults.empty() && jobs::look_at_first_line(text) == jobs::FirstLine::job) {
    messages.say("for a list with one job a line, name it .ndjson or add --input ndjson");
  }
}

}  // namespace primed
