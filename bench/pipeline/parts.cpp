// What the jobs of the pipeline cost where nothing moves: parsing, checking, formatting and
// writing, each measured apart, in one thread, chunk by chunk. `floor-parts` is their sum.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "jobs/bulk/chunk_parser.hpp"
#include "jobs/bulk/line_reader.hpp"
#include "jobs/output/number_records.hpp"
#include "measure.hpp"
#include "pipeline/child.hpp"
#include "pipeline/lists.hpp"
#include "primes/is_prime.hpp"

namespace {

constexpr std::size_t chunk_lines = jobs::LineReader::chunk_lines;
constexpr std::size_t group_jobs = 256;

class Parts {
 public:
  Parts(bench::List list, const std::string& results)
      : maker_(list), fd_(::open(results.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    context_.sort_out_plain = true;
  }
  ~Parts() { ::close(fd_); }

  void take_chunk() {
    jobs::Chunk lines;
    lines.ticket = ticket_;
    lines.first_line = lines.first_position = ticket_++ * chunk_lines + 1;
    maker_.append_lines(lines.text, chunk_lines);
    lines.text.reserve(lines.text.size() + 64);
    records_.clear();
    const std::int64_t start = bench::now_ns();
    const jobs::ParsedChunk parsed = jobs::parse_chunk(lines, context_);
    const std::int64_t is_parsed = bench::now_ns();
    check(parsed.plain);
    const std::int64_t is_checked = bench::now_ns();
    format(parsed.plain);
    const std::int64_t is_formatted = bench::now_ns();
    written_ += static_cast<std::size_t>(::write(fd_, records_.data(), records_.size()));
    const std::int64_t is_written = bench::now_ns();
    parse_ns_ += is_parsed - start;
    check_ns_ += is_checked - is_parsed;
    format_ns_ += is_formatted - is_checked;
    write_ns_ += is_written - is_formatted;
  }

  void print(const std::string& name) const {
    const auto jobs = static_cast<double>(ticket_ * chunk_lines);
    const auto part = [&](const char* contender, std::int64_t ns) {
      bench::print(contender, name, static_cast<double>(ns) / jobs);
    };
    part("floor-parts", parse_ns_ + check_ns_ + format_ns_ + write_ns_);
    part("floor-parse", parse_ns_);
    part("floor-check", check_ns_);
    part("floor-format", format_ns_);
    part("floor-write", write_ns_);
  }

 private:
  void check(std::span<const jobs::PlainJob> jobs) {
    numbers_.resize(jobs.size());
    verdicts_.resize(jobs.size());
    std::transform(jobs.begin(), jobs.end(), numbers_.begin(),
                   std::mem_fn(&jobs::PlainJob::number));
    for (std::size_t at = 0; at < jobs.size(); at += group_jobs) {
      const std::size_t count = std::min(group_jobs, jobs.size() - at);
      primes::examine(std::span(numbers_).subspan(at, count),
                      std::span(verdicts_).subspan(at, count));
    }
  }

  void format(std::span<const jobs::PlainJob> jobs) {
    for (std::size_t at = 0; at < jobs.size(); at += group_jobs) {
      const std::size_t count = std::min(group_jobs, jobs.size() - at);
      append(records_,
             jobs::PlainResults{jobs.subspan(at, count), std::span(verdicts_).subspan(at, count),
                                std::chrono::system_clock::now(), jobs::Duration(100)});
    }
  }

  bench::ListMaker maker_;
  jobs::ChunkContext context_{{}, std::nullopt};
  int fd_;
  std::uint64_t ticket_ = 0;
  std::vector<std::uint64_t> numbers_;
  std::vector<primes::Verdict> verdicts_;
  std::string records_;
  std::size_t written_ = 0;
  std::int64_t parse_ns_ = 0;
  std::int64_t check_ns_ = 0;
  std::int64_t format_ns_ = 0;
  std::int64_t write_ns_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t chunks = bench::is_smoke(argc, argv) ? 1 : 976;
  for (const std::string name : {"ids", "no_ids", "mixed"}) {
    const bench::Folder folder;
    Parts parts(bench::list_called(name), folder.file("results.ndjson"));
    for (std::uint64_t i = 0; i < chunks; ++i) parts.take_chunk();
    parts.print(name);
  }
}
