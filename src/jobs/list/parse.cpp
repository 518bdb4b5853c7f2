#include "jobs/list/parse.hpp"

#include <optional>
#include <utility>

#include "jobs/json/fault.hpp"
#include "jobs/json/json_reader.hpp"
#include "jobs/json/tree.hpp"
#include "jobs/json/utf8.hpp"
#include "jobs/list/job_reader.hpp"
#include "jobs/list/list_reader.hpp"

namespace jobs {
namespace {

using detail::Fault;
using detail::Faults;
using detail::ListReader;

void read_list(std::string_view text, ListReader& reader, Faults& faults) {
  const std::optional<Fault> end = detail::read_json(text, detail::Whole::list, reader);
  reader.finish(end.has_value());
  if (end) faults.add(*end);
}

/// Makes a tree of the tokens of one line.
class TreeBuilder final : public detail::TokenSink {
 public:
  void take(const detail::Token& token) override { tree.take(token); }

  detail::Tree tree;
};

void read_line(std::string_view line, TreeBuilder& builder, Faults& faults, Job& job,
               const detail::JobContext& context) {
  builder.tree.clear();
  if (auto end = detail::read_json(line, detail::Whole::job, builder)) {
    return faults.add(*std::move(end));
  }
  const detail::Scope scope{builder.tree, faults};
  if (scope[0].type != detail::TokenType::begin_object) return scope.wrong_type(0, "a job object");
  job = detail::read_job(scope, context);
}

}  // namespace

ParsedList parse_list(std::string_view text, const ParseOptions& options) {
  text = detail::without_byte_order_mark(text);
  Faults faults;
  ListReader reader(text, options, faults);
  read_list(text, reader, faults);
  ParsedList parsed;
  if (reader.needs_second_reading()) {
    // Seldom: most lists have their settings and defaults before their jobs. Keeping enough to mend
    // the jobs afterwards would burden all lists.
    reader.list = {};
    faults = {};
    ListReader second(text, options, faults);
    second.know(reader);
    read_list(text, second, faults);
    parsed.list = std::move(second.list);
  } else {
    parsed.list = std::move(reader.list);
  }
  for (const Fault& fault : faults.kept())
    parsed.errors.push_back(detail::parse_error(text, fault));
  return parsed;
}

std::variant<Job, ParseError> parse_line(std::string_view line, std::size_t position,
                                         const ParseOptions& options) {
  // Lines come by the million: the memory of one serves the next.
  thread_local TreeBuilder builder;
  static const detail::Defaults no_defaults;
  line = detail::without_byte_order_mark(line);
  Faults faults;
  std::variant<Job, ParseError> result;
  read_line(line, builder, faults, std::get<Job>(result), {options, no_defaults, position});
  if (faults.count() == 0) return result;
  ParseError error = detail::parse_error(line, faults.kept().front());
  if (faults.count() > 1) {
    error.message += " (and " + std::to_string(faults.count() - 1) + " more)";
  }
  return error;
}

}  // namespace jobs
