#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "jobs/bulk/chunk.hpp"
#include "jobs/bulk/id_registry.hpp"
#include "jobs/ending.hpp"
#include "jobs/job.hpp"
#include "jobs/json/parse_error.hpp"
#include "jobs/kinds/parse_options.hpp"

namespace jobs {

/// The settings and the ids that all chunks of a list share.
struct ChunkContext {
  ChunkContext(ParseOptions options, std::optional<Executor> executor_for_all)
      : parse(std::move(options)), executor(executor_for_all) {}

  ParseOptions parse;
  std::optional<Executor> executor;  ///< for all jobs, whatever they say
  bool sort_out_plain = false;       ///< whether plain jobs are wanted apart from the others
  IdRegistry ids;
};

/// A line that is no job, and why. The fault's line is that of the input.
struct RejectedLine {
  ErrorCode code;
  ParseError fault;
};

/// A chunk of lines, parsed: the jobs in their order, and the lines that are none.
struct ParsedChunk {
  std::vector<PlainJob> plain;  ///< those that were wanted apart
  std::vector<Job> jobs;
  std::vector<RejectedLine> rejected;
};

/// A chunk of lines that has been parsed, but for the question whether its ids are new: that waits
/// until all chunks before it have been parsed. Which jobs are plain depends on how they are
/// written: others may ask for the same in a way that is seldom used.
///
/// One thread at a time; each chunk may have its own.
class ChunkParser {
 public:
  /// Parses, without waiting. Chunk and context must stay where they are.
  ChunkParser(const Chunk& lines, ChunkContext& context);
  ChunkParser(const ChunkParser&) = delete;
  ChunkParser& operator=(const ChunkParser&) = delete;

  /// Whether all jobs are plain.
  bool is_plain() const { return jobs_.empty(); }
  /// Whether `finish` need not wait.
  bool is_settled() const { return !claim_ || context_.ids.is_settled(*claim_); }
  /// Waits for the ids, if need be, and returns the jobs and faults of the chunk. Once.
  ParsedChunk finish();

 private:
  struct Numbered {
    std::uint64_t line;
    std::uint64_t position;
    Job job;
    bool has_own_id() const;
  };

  void parse_each();
  void parse_one(std::string_view text, std::uint64_t line, std::uint64_t position);
  bool add_plain(std::string_view text, std::uint64_t line, std::uint64_t position);
  bool is_too_long(std::uint64_t line) const;
  void reject(ErrorCode code, ParseError fault);
  template <class Visit>
  void visit_own_ids(Visit visit);
  std::vector<std::string_view> own_ids();
  void drop_repeated(const std::vector<bool>& is_new);

  const Chunk& lines_;
  ChunkContext& context_;
  bool plain_wanted_;
  std::vector<Numbered> jobs_;  // that are not plain
  ParsedChunk result_;
  std::shared_ptr<const IdRegistry::Claim> claim_;
};

/// Parses a chunk of lines. Any thread may call, but it may wait until other threads have parsed
/// the chunks before.
ParsedChunk parse_chunk(const Chunk& lines, ChunkContext& context);

}  // namespace jobs
