#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "jobs/bulk/line_reader.hpp"
#include "jobs/job.hpp"
#include "jobs/kinds/parse_options.hpp"

namespace jobs {

/// A source that cannot be read any further.
class SourceError : public std::system_error {
 public:
  using std::system_error::system_error;
};

/// Where the jobs of a run come from. On the loop's thread.
class Source {
 public:
  virtual ~Source() = default;

  /// The jobs that are known from the start: they are accepted all at once, even if a stop comes
  /// meanwhile.
  virtual std::vector<Job> take_known() = 0;

  /// How the lines that come later are to be read; null if no lines come.
  virtual const ParseOptions* parse_options() const { return nullptr; }
  /// The next lines; empty at the end. Throws SourceError if they cannot be read. Only for a source
  /// that has parse options.
  virtual aio::Coro<std::optional<Chunk>> next();
  /// Memory that the text of the next chunk is to use.
  virtual void give_memory(std::string text) { static_cast<void>(text); }
  /// Whether all that is there at the moment has been handed over.
  virtual bool is_drained() const { return true; }

  /// Another `count` jobs are accepted for good: the store keeps them.
  virtual void acknowledge(std::uint64_t count) { static_cast<void>(count); }
};

/// A list that has been parsed.
class ListSource final : public Source {
 public:
  explicit ListSource(std::vector<Job> jobs) : jobs_(std::move(jobs)) {}
  std::vector<Job> take_known() override { return std::move(jobs_); }

 private:
  std::vector<Job> jobs_;
};

/// A list with one job a line that is worked while it is read.
class LineSource final : public Source {
 public:
  /// The reader outlives it.
  LineSource(LineReader& lines, ParseOptions parse) : lines_(lines), parse_(std::move(parse)) {}

  std::vector<Job> take_known() override { return {}; }
  const ParseOptions* parse_options() const override { return &parse_; }
  aio::Coro<std::optional<Chunk>> next() override;
  void give_memory(std::string text) override { lines_.give_memory(std::move(text)); }
  bool is_drained() const override { return lines_.is_drained(); }

 private:
  LineReader& lines_;
  ParseOptions parse_;
};

}  // namespace jobs
