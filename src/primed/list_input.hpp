#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aio/aio.hpp"
#include "jobs/list/parse.hpp"
#include "primed/messages.hpp"
#include "primed/options.hpp"

namespace primed {

/// The job list as it comes in: its descriptor, its name in messages, and its format. All waiting
/// is done in the loop: a list may come through a pipe, at its own pace.
class ListInput {
 public:
  /// Opens the list that `options` names. Throws Exit (no_input).
  explicit ListInput(const Options& options);
  ListInput(const ListInput&) = delete;
  ListInput& operator=(const ListInput&) = delete;
  ~ListInput();

  int fd() const { return fd_; }
  const std::string& name() const { return name_; }

  /// Whether the list has one job a line; may have to read its first line. Throws Exit (no_input).
  aio::Coro<bool> is_one_job_a_line();

  /// All of the list. Throws Exit (no_input).
  aio::Coro<std::string> read_all();

  /// The bytes that were read to find out the format; the list begins with them.
  std::string take_already_read() { return std::move(already_read_); }

  /// The options for parsing its lines or its text.
  jobs::ParseOptions parse_options() const;

 private:
  aio::Coro<bool> read_some();

  const Options& options_;
  std::string name_;
  int fd_ = -1;
  std::string already_read_;
};

/// Prints the faults of a document, a line each; and a hint at the format if `text` looks like a
/// list with one job a line.
void print_faults(Messages& messages, const std::vector<jobs::ParseError>& faults,
                  std::string_view text, std::string_view name);

}  // namespace primed
