#include "jobs/bulk/chunk_parser.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <variant>

#include "jobs/bulk/line_reader.hpp"
#include "jobs/bulk/plain_line.hpp"
#include "jobs/json/limits.hpp"
#include "jobs/list/parse.hpp"

namespace jobs {

namespace {

/// About the least length of a plain line: room for as many jobs is made before they are read.
constexpr std::size_t usual_line_bytes = 40;

/// Whether jobs that are plain by themselves are plain under the settings that all jobs share.
bool may_be_plain(const ChunkContext& context) {
  return context.sort_out_plain &&
         context.executor.value_or(Executor::thread) == Executor::thread &&
         context.parse.max_digits >= std::numeric_limits<std::uint64_t>::digits10 + 1;
}

}  // namespace

ChunkParser::ChunkParser(const Chunk& lines, ChunkContext& context)
    : lines_(lines), context_(context), plain_wanted_(may_be_plain(context)) {
  try {
    parse_each();
    claim_ = context.ids.hand_in(lines.ticket, own_ids());
  } catch (...) {
    context.ids.give_up(std::current_exception());  // chunks with later tickets wait for this one
    throw;
  }
}

/// Of jobs with the same id the first one in the list is kept.
ParsedChunk ChunkParser::finish() {
  if (claim_) {
    const std::vector<bool>& is_new = context_.ids.wait(*claim_);
    if (std::find(is_new.begin(), is_new.end(), false) != is_new.end()) drop_repeated(is_new);
  }
  result_.jobs.reserve(jobs_.size());
  for (Numbered& numbered : jobs_) result_.jobs.push_back(std::move(numbered.job));
  std::stable_sort(
      result_.rejected.begin(), result_.rejected.end(),
      [](const RejectedLine& a, const RejectedLine& b) { return a.fault.line < b.fault.line; });
  return std::move(result_);
}

void ChunkParser::parse_each() {
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

void ChunkParser::parse_one(std::string_view text, std::uint64_t line, std::uint64_t position) {
  if (plain_wanted_ && add_plain(text, line, position)) return;
  std::variant<Job, ParseError> parsed = parse_line(text, position, context_.parse);
  if (auto* const fault = std::get_if<ParseError>(&parsed)) {
    fault->line = line;
    reject(ErrorCode::invalid_job, std::move(*fault));
  } else {
    jobs_.push_back({line, position, std::get<Job>(std::move(parsed))});
  }
}

bool ChunkParser::add_plain(std::string_view text, std::uint64_t line, std::uint64_t position) {
  const char* const readable_end = lines_.text.data() + lines_.text.capacity();
  detail::PlainLine plain;
  if (!detail::read_plain_line(text, static_cast<std::size_t>(readable_end - text.data()), plain))
    return false;
  result_.plain.push_back({plain.id, plain.number, line, position});
  return true;
}

bool ChunkParser::is_too_long(std::uint64_t line) const {
  return std::find(lines_.too_long.begin(), lines_.too_long.end(), line) != lines_.too_long.end();
}

void ChunkParser::reject(ErrorCode code, ParseError fault) {
  result_.rejected.push_back({code, std::move(fault)});
}

/// An id that a job did not name itself is no other job's: the parser allows `job-N` at N alone.
bool ChunkParser::Numbered::has_own_id() const {
  return job.id != "job-" + std::to_string(position);
}

/// Calls `visit` with the id of each job that names one itself, and with the job's line; in the
/// order of the lines.
template <class Visit>
void ChunkParser::visit_own_ids(Visit visit) {
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

std::vector<std::string_view> ChunkParser::own_ids() {
  std::vector<std::string_view> ids;
  ids.reserve(result_.plain.size() + jobs_.size());
  visit_own_ids([&ids](std::string_view id, std::uint64_t) { ids.push_back(id); });
  return ids;
}

void ChunkParser::drop_repeated(const std::vector<bool>& is_new) {
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

ParsedChunk parse_chunk(const Chunk& lines, ChunkContext& context) {
  return ChunkParser(lines, context).finish();
}

}  // namespace jobs
