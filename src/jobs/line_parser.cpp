#include "jobs/line_parser.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <variant>

#include "jobs/reading/plain_line.hpp"

namespace jobs {

namespace {

/// How many ids ahead of its turn a place in the set is fetched from memory.
constexpr std::size_t prefetch_distance = 16;

/// What a plain line has at least, about: room for as many is made before they are read.
constexpr std::size_t usual_line_bytes = 40;

}  // namespace

std::vector<bool> IdRegistry::insert(std::uint64_t ticket,
                                     const std::vector<std::string_view>& ids) {
  std::vector<IdSet::Fingerprint> prints;  // made while others may hold the lock
  prints.reserve(ids.size());
  for (const std::string_view id : ids) prints.push_back(ids_.fingerprint(id));
  std::vector<bool> is_new;
  is_new.reserve(ids.size());
  std::unique_lock lock(mutex_);
  if (ids.empty() && next_ticket_ != ticket) {
    passed_.insert(ticket);
    return is_new;
  }
  turn_changed_.wait(lock, [&] { return next_ticket_ == ticket; });
  for (std::size_t i = 0; i < prints.size(); ++i) {
    if (i + prefetch_distance < prints.size()) ids_.prefetch(prints[i + prefetch_distance]);
    is_new.push_back(ids_.insert(prints[i]));
  }
  ++next_ticket_;
  while (passed_.erase(next_ticket_) > 0) ++next_ticket_;
  turn_changed_.notify_all();
  return is_new;
}

namespace {

/// Parses one chunk.
class ChunkParser {
 public:
  ChunkParser(const Lines& lines, LineContext& context)
      : lines_(lines), context_(context), plain_wanted_(may_be_plain(context)) {}

  void parse_each() {
    if (plain_wanted_) result_.plain.reserve(lines_.text.size() / usual_line_bytes);
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
    if (plain_wanted_ && add_plain(text, line, position)) return;
    std::variant<Job, ParseError> parsed = parse_line(text, position, context_.parse);
    if (auto* const fault = std::get_if<ParseError>(&parsed)) {
      fault->line = line;
      reject(ErrorCode::invalid_job, std::move(*fault));
    } else {
      jobs_.push_back({line, position, std::get<Job>(std::move(parsed))});
    }
  }

  bool add_plain(std::string_view text, std::uint64_t line, std::uint64_t position) {
    const char* const readable_end = lines_.text.data() + lines_.text.capacity();
    detail::PlainLine plain;
    if (!detail::read_plain_line(text, static_cast<std::size_t>(readable_end - text.data()), plain))
      return false;
    result_.plain.push_back({plain.id, plain.number, line, position});
    return true;
  }

  /// Of jobs with the same id the first one in the list is kept.
  void take_unique() {
    const std::vector<std::string_view> ids = own_ids();
    const std::vector<bool> is_new = context_.ids.insert(lines_.ticket, ids);
    if (std::find(is_new.begin(), is_new.end(), false) != is_new.end()) drop_repeated(is_new);
    result_.jobs.reserve(jobs_.size());
    for (Numbered& numbered : jobs_) result_.jobs.push_back(std::move(numbered.job));
  }

  /// Calls `visit` with the id of each job that names one itself, with the job's line, and with the
  /// job; in the order of the lines.
  template <class Visit>
  void visit_own_ids(Visit visit) {
    auto plain = result_.plain.begin();
    const auto visit_plain_before = [&](std::uint64_t line) {
      for (; plain != result_.plain.end() && plain->line < line; ++plain) {
        if (!plain->id.empty()) visit(plain->id, plain->line);
      }
    };
    for (Numbered& numbered : jobs_) {
      visit_plain_before(numbered.line);
      if (numbered.has_own_id()) visit(std::string_view(numbered.job.id), numbered.line);
    }
    visit_plain_before(std::numeric_limits<std::uint64_t>::max());
  }

  std::vector<std::string_view> own_ids() {
    std::vector<std::string_view> ids;
    ids.reserve(result_.plain.size() + jobs_.size());
    visit_own_ids([&ids](std::string_view id, std::uint64_t) { ids.push_back(id); });
    return ids;
  }

  void drop_repeated(const std::vector<bool>& is_new) {
    std::set<std::uint64_t> repeated;  // lines
    std::size_t index = 0;
    visit_own_ids([&](std::string_view, std::uint64_t line) {
      if (is_new[index++]) return;
      repeated.insert(line);
      reject(ErrorCode::duplicate_id,
             {line, 1, "/id", "an earlier line has the same id; expected a unique one"});
    });
    const auto is_repeated = [&](const auto& job) { return repeated.contains(job.line); };
    std::erase_if(jobs_, is_repeated);
    std::erase_if(result_.plain, is_repeated);
  }

  /// Whether what is plain by itself is plain under what all jobs have in common.
  static bool may_be_plain(const LineContext& context) {
    return context.sort_out_plain &&
           context.executor.value_or(Executor::thread) == Executor::thread &&
           context.parse.max_digits >= std::numeric_limits<std::uint64_t>::digits10 + 1;
  }

  bool is_too_long(std::uint64_t line) const {
    return std::find(lines_.too_long.begin(), lines_.too_long.end(), line) != lines_.too_long.end();
  }

  void reject(ErrorCode code, ParseError fault) {
    result_.rejected.push_back({code, std::move(fault)});
  }

  const Lines& lines_;
  LineContext& context_;
  bool plain_wanted_;
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
