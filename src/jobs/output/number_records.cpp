#include "jobs/output/number_records.hpp"

#include <array>
#include <charconv>
#include <cstring>

namespace jobs {
namespace {

constexpr std::size_t digits_max = 20;

constexpr std::string_view before_id = R"("job_id":")";
constexpr std::string_view before_number = R"("number":")";

/// Writes into room that was made before.
class Pen {
 public:
  explicit Pen(char* at) : at_(at) {}

  void write(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void write(std::uint64_t number) { at_ = std::to_chars(at_, at_ + digits_max, number).ptr; }
  const char* at() const { return at_; }

 private:
  char* at_;
};

/// Appends what `write` writes with a pen, `bytes` at most.
template <class Write>
void append_written(std::string& out, std::size_t bytes, Write write) {
  const std::size_t before = out.size();
  out.resize(before + bytes);
  Pen pen(out.data() + before);
  write(pen);
  out.resize(static_cast<std::size_t>(pen.at() - out.data()));
}

/// The text behind the number, for each verdict that there can be.
class Tails {
 public:
  /// `make_record` makes the whole record of a verdict, with no number in it.
  template <class MakeRecord>
  explicit Tails(MakeRecord make_record) {
    for (std::size_t index = 0; index < tails_.size(); ++index) {
      const std::string record =
          make_record(primes::Verdict{(index & 1) != 0, primes::Certainty((index >> 1) & 1),  //
                                      primes::Method(index >> 2)});
      tails_[index] = record.substr(record.rfind(before_number) + before_number.size());
    }
  }

  std::string_view of(const primes::Verdict& verdict) const {
    return tails_[static_cast<std::size_t>(verdict.prime) |
                  static_cast<std::size_t>(verdict.certainty) << 1 |
                  static_cast<std::size_t>(verdict.method) << 2];
  }
  static constexpr std::size_t bytes_max = 128;

 private:
  static_assert(static_cast<std::size_t>(primes::Method::miller_rabin) < 16, "it fits four bits");
  std::array<std::string, 64> tails_;
};

std::string result_without_number(Timestamp started_at, Duration duration,
                                  const primes::Verdict& verdict) {
  const Ending ending{State::succeeded, started_at, duration, NumberResult{"", verdict}};
  std::string text;
  append(text, ResultRecord{"", "prime", 1, ending});
  return text;
}

std::string check_without_number(std::string_view job_id, const primes::Verdict& verdict) {
  std::string text;
  append(text, CheckRecord{job_id, 0, "", verdict});
  return text;
}

}  // namespace

void append(std::string& out, const PlainResults& results) {
  static const Tails tails(
      [](const primes::Verdict& verdict) { return result_without_number({}, {}, verdict); });
  const std::string sample = result_without_number(results.started_at, results.duration, {});
  const std::size_t id_at = sample.find(before_id) + before_id.size();
  const std::size_t number_at = sample.find(before_number) + before_number.size();
  const std::string_view head = std::string_view(sample).substr(0, id_at);
  const std::string_view middle = std::string_view(sample).substr(id_at, number_at - id_at);
  std::size_t bytes = 0;
  for (const PlainJob& job : results.jobs) {
    bytes += number_at + job.id.size() + 2 * digits_max + Tails::bytes_max;
  }
  append_written(out, bytes, [&](Pen& pen) {
    for (std::size_t i = 0; i < results.jobs.size(); ++i) {
      const PlainJob& job = results.jobs[i];
      pen.write(head);
      if (job.id.empty()) {
        pen.write("job-");
        pen.write(job.position);
      } else {
        pen.write(job.id);
      }
      pen.write(middle);
      pen.write(job.number);
      pen.write(tails.of(results.verdicts[i]));
    }
  });
}

void append(std::string& out, const CheckedNumbers& checked) {
  static const Tails tails(
      [](const primes::Verdict& verdict) { return check_without_number({}, verdict); });
  // …"index":0,"number":"…
  const std::string sample = check_without_number(checked.job_id, {});
  const std::size_t number_at = sample.rfind(before_number) + before_number.size();
  const std::size_t index_at = number_at - before_number.size() - 2;
  const std::string_view head = std::string_view(sample).substr(0, index_at);
  const std::string_view middle =
      std::string_view(sample).substr(index_at + 1, number_at - index_at - 1);
  const std::size_t bytes = number_at + 2 * digits_max + Tails::bytes_max;
  append_written(out, bytes * checked.numbers.size(), [&](Pen& pen) {
    for (std::size_t i = 0; i < checked.numbers.size(); ++i) {
      pen.write(head);
      pen.write(checked.first_index + i);
      pen.write(middle);
      pen.write(checked.numbers[i]);
      pen.write(tails.of(checked.verdicts[i]));
    }
  });
}

}  // namespace jobs
