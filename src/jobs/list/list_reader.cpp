#include "jobs/list/list_reader.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "jobs/json/members.hpp"
#include "jobs/list/settings.hpp"

namespace jobs::detail {
namespace {

constexpr std::array<std::string_view, 4> root_keys = {"version", "settings", "defaults", "jobs"};
constexpr std::size_t version_key = place_of_key(root_keys, "version");
constexpr std::size_t settings_key = place_of_key(root_keys, "settings");
constexpr std::size_t defaults_key = place_of_key(root_keys, "defaults");
constexpr std::size_t jobs_key = place_of_key(root_keys, "jobs");

bool begins(const Token& token) {
  return token.type == TokenType::begin_object || token.type == TokenType::begin_array;
}

bool ends(const Token& token) {
  return token.type == TokenType::end_object || token.type == TokenType::end_array;
}

std::string found_instead(const Token& token, std::string_view expected) {
  return "found " + std::string(noun(token.type)) + "; expected " + std::string(expected);
}

}  // namespace

void UniqueIds::claim(const Scope& scope, std::size_t node, std::string_view id) {
  offsets_.resize(jobs_.size() + 1);  // the job under way is not among the jobs yet
  offsets_.back() = scope[node].offset;
  if (ids_.insert(id)) return;
  if (!scope.faults.wants(scope[node].offset)) return scope.faults.add_unwanted();
  std::size_t first = 0;
  while (first < jobs_.size() && (offsets_[first] == 0 || jobs_[first].id != id)) ++first;
  scope.fault(node, "the id " + echo(id) + " is taken by the job at " +
                        place_text(text_, offsets_[first]) + "; expected another id");
}

ListReader::ListReader(std::string_view text, const ParseOptions& options, Faults& faults)
    : faults_(faults), options_(options), ids_(text, list.jobs) {}

void ListReader::know(const ListReader& earlier) {
  options_ = earlier.options_;
  defaults_ = earlier.defaults_;
}

void ListReader::take(const Token& token) {
  switch (part_) {
    case Part::root: return take_root(token);
    case Part::jobs: return take_jobs(token);
    case Part::skipped:
    case Part::settings:
    case Part::defaults:
    case Part::job: return take_inside(token);
  }
}

void ListReader::take_root(const Token& token) {
  if (!root_.empty()) {
    if (token.type == TokenType::key || ends(token)) return root_.take(token);
    return take_root_value(token);
  }
  if (token.type == TokenType::begin_object) return root_.take(token);
  faults_.add({token.offset, "", found_instead(token, "an object with the key \"jobs\"")});
  if (begins(token)) enter(Part::skipped, token);
}

void ListReader::take_root_value(const Token& token) {
  const std::string_view key = root_.last().text;
  const bool object = token.type == TokenType::begin_object;
  root_.take(token);
  if (!begins(token)) return;
  root_.take({object ? TokenType::end_object : TokenType::end_array, token.offset, {}});
  // A key that is there twice counts once; the second is reported with the root's other keys.
  if (key == root_keys[settings_key] && object && !settings_read_) {
    enter(Part::settings, token);
  } else if (key == root_keys[defaults_key] && object && !defaults_read_) {
    enter(Part::defaults, token);
  } else if (key == root_keys[jobs_key] && !object && !jobs_read_) {
    jobs_read_ = true;
    part_ = Part::jobs;
  } else {
    enter(Part::skipped, token);
  }
}

void ListReader::take_jobs(const Token& token) {
  if (token.type == TokenType::end_array) {
    part_ = Part::root;
    return;
  }
  if (token.type == TokenType::begin_object) return enter(Part::job, token);
  std::string pointer = "/jobs";
  append_token(pointer, std::to_string(list.jobs.size()));
  faults_.add({token.offset, std::move(pointer), found_instead(token, "a job object")});
  list.jobs.emplace_back();  // those behind it keep their positions
  if (begins(token)) enter(Part::skipped, token);
}

void ListReader::take_inside(const Token& token) {
  if (part_ != Part::skipped) inner_.take(token);
  if (begins(token)) ++depth_;
  if (ends(token) && --depth_ == 0) leave(false);
}

void ListReader::enter(Part part, const Token& token) {
  part_around_ = part_;
  part_ = part;
  depth_ = 1;
  inner_.clear();
  if (part != Part::skipped) inner_.take(token);
}

void ListReader::leave(bool cut) {
  switch (part_) {
    case Part::settings: leave_settings(cut); break;
    case Part::defaults: leave_defaults(cut); break;
    case Part::job: leave_job(cut); break;
    case Part::skipped:
    case Part::root:
    case Part::jobs: break;
  }
  part_ = part_around_;
}

void ListReader::leave_settings(bool cut) {
  settings_read_ = true;
  list.settings = read_settings(Scope{inner_, faults_, "/settings", {}, cut});
  if (!list.settings.max_digits || options_.max_digits_fixed) return;
  options_.max_digits = *list.settings.max_digits;
  late_ = late_ || !list.jobs.empty();
}

void ListReader::leave_defaults(bool cut) {
  defaults_read_ = true;
  defaults_ = read_defaults(Scope{inner_, faults_, "/defaults", {}, cut});
  late_ = late_ || !list.jobs.empty();
}

void ListReader::leave_job(bool cut) {
  const std::size_t index = list.jobs.size();
  const Scope scope{inner_, faults_, "/jobs", index, cut};
  list.jobs.push_back(read_job(scope, {options_, defaults_, index + 1, &ids_}));
}

void ListReader::finish(bool cut) {
  if (cut) {
    inner_.cut();
    root_.cut();
    if (part_ != Part::root && part_ != Part::jobs) leave(true);
  }
  if (!root_.empty()) check_root(cut);
}

void ListReader::check_root(bool cut) {
  const Scope root{root_, faults_, {}, {}, cut};
  const Members found = find_members(root, 0, root_keys);
  const std::size_t version = found[version_key];
  if (version != 0 && root[version].type != TokenType::number) {
    root.wrong_type(version, "the number 1");
  } else if (version != 0 && root[version].text != "1") {
    root.fault(version,
               "the version " + echo_bare(root[version].text) + " is not known; expected 1");
  }
  for (const std::size_t key : {settings_key, defaults_key}) {
    if (found[key] != 0 && root[found[key]].type != TokenType::begin_object) {
      root.wrong_type(found[key], "an object");
    }
  }
  if (found.lacks(jobs_key)) {
    root.missing(0, "missing key \"jobs\"; expected it with a list of jobs");
  } else if (found[jobs_key] != 0 && root[found[jobs_key]].type != TokenType::begin_array) {
    root.wrong_type(found[jobs_key], "a list of jobs");
  }
}

}  // namespace jobs::detail
