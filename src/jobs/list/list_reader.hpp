#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "jobs/job.hpp"
#include "jobs/json/json_reader.hpp"
#include "jobs/json/scope.hpp"
#include "jobs/json/tree.hpp"
#include "jobs/kinds/defaults.hpp"
#include "jobs/kinds/parse_options.hpp"
#include "jobs/list/id_set.hpp"
#include "jobs/list/job_reader.hpp"

namespace jobs::detail {

/// Finds ids that a list has given twice, and reports where they were first.
class UniqueIds final : public IdClaims {
 public:
  UniqueIds(std::string_view text, const std::vector<Job>& jobs) : text_(text), jobs_(jobs) {}

  void claim(const Scope& scope, std::size_t node, std::string_view id) override;

 private:
  std::string_view text_;
  const std::vector<Job>& jobs_;
  IdSet ids_;
  std::vector<std::size_t> offsets_;  // of each job's id; 0 if it has none
};

/// Takes a list's tokens. Each job becomes a `Job` when its object closes; of the rest of the text
/// only the settings, the defaults and the root's keys are kept, so that the length of a list costs
/// no more than its jobs and 56 bytes for each id.
class ListReader final : public TokenSink {
 public:
  ListReader(std::string_view text, const ParseOptions& options, Faults& faults);

  /// Takes over the settings and defaults that an earlier reading of the same text found behind its
  /// jobs.
  void know(const ListReader& earlier);

  void take(const Token& token) override;

  /// Ends the reading; `cut` if the text broke off.
  void finish(bool cut);

  /// True if settings or defaults that concern the jobs came after them: then the jobs have to be
  /// read again.
  bool needs_second_reading() const { return late_; }

  JobList list;

 private:
  enum class Part { root, skipped, settings, defaults, jobs, job };

  void take_root(const Token& token);
  void take_root_value(const Token& token);
  void take_jobs(const Token& token);
  void take_inside(const Token& token);
  void enter(Part part, const Token& token);
  void leave(bool cut);
  void leave_settings(bool cut);
  void leave_defaults(bool cut);
  void leave_job(bool cut);
  void check_root(bool cut);

  Faults& faults_;
  ParseOptions options_;  // `max_digits` as the settings have it
  Defaults defaults_;
  UniqueIds ids_;
  Part part_ = Part::root;
  Part part_around_ = Part::root;  // goes on after a skipped value
  std::size_t depth_ = 0;          // inside the part under way
  Tree root_;                      // the objects and lists in it are empty
  Tree inner_;
  bool settings_read_ = false;
  bool defaults_read_ = false;
  bool jobs_read_ = false;
  bool late_ = false;
};

}  // namespace jobs::detail
