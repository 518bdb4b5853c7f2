#include "jobs/line_parser.hpp"

#include <algorithm>
#include <string>
#include <variant>

namespace jobs {

std::vector<bool> IdRegistry::insert(std::uint64_t ticket,
                                     const std::vector<std::string_view>& ids) {
  std::unique_lock lock(mutex_);
  turn_changed_.wait(lock, [&] { return next_ticket_ == ticket; });
  std::vector<bool> is_new;
  is_new.reserve(ids.size());
  for (const std::string_view id : ids) is_new.push_back(ids_.insert(id));
  ++next_ticket_;
  turn_changed_.notify_all();
  return is_new;
}

namespace {

/// Parses one chunk.
class ChunkParser {
 public:
  ChunkParser(const Lines& lines, LineContext& context) : lines_(lines), context_(context) {}

  void parse_each() {
    std::string_view rest = lines_.text;
    std::uint64_t position = lines_.first_position;
    for (std::uint64_t line = lines_.first_line; !rest.empty(); ++line) {
      const std::size_t size = rest.find('\n') + 1;
      const std::string_view text = rest.substr(0, size - 1);
      if (is_too_long(line)) {
        reject(ErrorCode::line_too_long,
               {line, line_bytes_max + 1, "/", "the line is too long; expected 1 MiB at most"});
        ++position;
      } else if (!is_blank(text)) {
        parse_one(text, line, position++);
      }
      rest.remove_prefix(size);
    }
  }

  ParsedLines finish() {
    take_unique();
    std::stable_sort(
        result_.rejected.begin(), result_.rejected.end(),
        [](const RejectedLine& a, const RejectedLine& b) { return a.fault.line < b.fault.line; });
    return std::move(result_);
  }

 private:
  struct Numbered {
    std::uint64_t line;
    std::uint64_t position;
    Job job;

    /// An id that a job did not name itself is no other job's: the parser allows `job-N` at N
    /// alone.
    bool has_own_id() const { return job.id != "job-" + std::to_string(position); }
  };

  void parse_one(std::string_view text, std::uint64_t line, std::uint64_t position) {
    std::variant<Job, ParseError> parsed = parse_line(text, position, context_.parse);
    if (auto* const fault = std::get_if<ParseError>(&parsed)) {
      fault->line = line;
      reject(ErrorCode::invalid_job, std::move(*fault));
    } else {
      jobs_.push_back({line, position, std::get<Job>(std::move(parsed))});
    }
  }

  /// Of jobs with the same id the first one in the list is kept.
  void take_unique() {
    std::vector<std::string_view> ids;
    for (const Numbered& numbered : jobs_) {
      if (numbered.has_own_id()) ids.push_back(numbered.job.id);
    }
    const std::vector<bool> is_new = context_.ids.insert(lines_.ticket, ids);
    std::size_t index = 0;
    for (Numbered& numbered : jobs_) {
      if (numbered.has_own_id() && !is_new[index++]) {
        reject(ErrorCode::duplicate_id,
               {numbered.line, 1, "/id", "an earlier line has the same id; expected a unique one"});
      } else {
        result_.jobs.push_back(std::move(numbered.job));
      }
    }
  }

  bool is_too_long(std::uint64_t line) const {
    return std::find(lines_.too_long.begin(), lines_.too_long.end(), line) != lines_.too_long.end();
  }

  void reject(ErrorCode code, ParseError fault) {
    result_.rejected.push_back({code, std::move(fault)});
  }

  const Lines& lines_;
  LineContext& context_;
  std::vector<Numbered> jobs_;
  ParsedLines result_;
};

}  // namespace

ParsedLines parse_lines(const Lines& lines, LineContext& context) {
  ChunkParser parser(lines, context);
  try {
    parser.parse_each();
  } catch (...) {
    context.ids.insert(lines.ticket, {});  // who has a later ticket waits for this one
    throw;
  }
  return parser.finish();
}

}  // namespace jobs
