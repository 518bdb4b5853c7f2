#include "jobs/output/record.hpp"

#include "jobs/output/json_text.hpp"
#include "jobs/version.hpp"

namespace jobs {
namespace {

using json_text::append_ms;
using json_text::append_number;
using json_text::append_string;
using json_text::append_time;

/// `"prime":…,"certainty":…,"method":…`
void append_verdict(std::string& out, const primes::Verdict& verdict) {
  out += verdict.prime ? R"("prime":true,"certainty":")" : R"("prime":false,"certainty":")";
  out += to_string(verdict.certainty);
  out += R"(","method":")";
  out += to_string(verdict.method);
  out += '"';
}

/// The part of a result behind `duration_ns`, one overload for each thing that a job can end
/// with.
void append_value(std::string& out, const CountdownResult& result) {
  out += R"("result":{"ticks":)";
  append_number(out, result.ticks);
  out += R"(,"lateness_ms_max":)";
  append_ms(out, result.lateness_max);
  out += '}';
}

void append_value(std::string& out, const NumberResult& result) {
  out += R"("result":{"number":")";
  out += result.number;
  out += R"(",)";
  append_verdict(out, result.verdict);
  out += '}';
}

void append_value(std::string& out, const NumbersResult& result) {
  out += R"("result":{"checked":)";
  append_number(out, result.checked);
  out += R"(,"primes":)";
  append_number(out, result.primes);
  out += '}';
}

void append_value(std::string& out, const ErrorResult& error) {
  out += R"("error":{"code":")";
  out += to_string(error.code);
  out += R"(","message":)";
  append_string(out, error.message);
  out += '}';
}

}  // namespace

void append(std::string& out, const RunRecord& record) {
  out += R"({"event":"run","schema_version":1,"run_id":)";
  append_string(out, record.run_id);
  out += R"(,"program":"primed )";
  out += version;
  out += R"(","host":)";
  append_string(out, record.host);
  out += R"(,"started_at":)";
  append_time(out, record.started_at);
  out += "}\n";
}

void append(std::string& out, const TickRecord& record) {
  out += R"({"event":"tick","job_id":)";
  append_string(out, record.job_id);
  out += R"(,"kind":"countdown","value":)";
  append_number(out, record.value);
  out += R"(,"elapsed_ms":)";
  append_ms(out, record.elapsed);
  out += R"(,"lateness_ms":)";
  append_ms(out, record.lateness);
  out += "}\n";
}

void append(std::string& out, const CheckRecord& record) {
  out += R"({"event":"check","job_id":)";
  append_string(out, record.job_id);
  out += R"(,"index":)";
  append_number(out, record.index);
  out += R"(,"number":")";
  out += record.number;
  out += R"(",)";
  append_verdict(out, record.verdict);
  out += "}\n";
}

void append(std::string& out, const ResultRecord& record) {
  out += R"({"event":"result","job_id":)";
  append_string(out, record.job_id);
  out += R"(,"kind":)";
  append_string(out, record.kind);
  out += R"(,"state":")";
  out += to_string(record.ending.state);
  out += R"(","attempt":)";
  append_number(out, record.attempt);
  out += R"(,"started_at":)";
  append_time(out, record.ending.started_at);
  out += R"(,"duration_ns":)";
  append_number(out, static_cast<std::uint64_t>(record.ending.duration.count()));
  out += ',';
  std::visit([&](const auto& value) { append_value(out, value); }, record.ending.value);
  out += "}\n";
}

void append(std::string& out, const RejectedRecord& record) {
  out += R"({"event":"rejected","line":)";
  append_number(out, record.line);
  out += R"(,"column":)";
  append_number(out, record.column);
  out += ',';
  append_value(out, record.error);
  out += "}\n";
}

void append(std::string& out, const SummaryRecord& record) {
  const auto count = [&](std::string_view name, std::uint64_t number) {
    out += ",\"";
    out += name;
    out += "\":";
    append_number(out, number);
  };
  out += R"({"event":"summary")";
  count("accepted", record.counts.accepted);
  count("succeeded", record.counts.succeeded);
  count("failed", record.counts.failed);
  count("timed_out", record.counts.timed_out);
  count("cancelled", record.counts.cancelled);
  count("interrupted", record.counts.interrupted);
  count("skipped", record.counts.skipped);
  count("left", record.counts.left);
  count("rejected", record.counts.rejected);
  out += R"(,"wall_ms":)";
  append_ms(out, record.wall);
  out += "}\n";
}

}  // namespace jobs
