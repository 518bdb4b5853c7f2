#include "jobs/json/json_reader.hpp"

#include <array>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "jobs/json/characters.hpp"
#include "jobs/json/limits.hpp"
#include "jobs/json/syntax_fault.hpp"
#include "jobs/json/utf8.hpp"

namespace jobs::detail {
namespace {

/// Records the progress of the lexer, which the SAX interface does not tell.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** seen) : at_(at), seen_(seen) {}

  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *seen_ = ++at_;
    return *this;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }

 private:
  const char* at_;
  const char** seen_;
};

/// nlohmann's SAX handler. Each function returns false to end the reading.
///
/// Tokens are found again in the text, from the end of the last one on: a number then has exactly
/// its writer's digits, whatever nlohmann made of it (above 2^64 - 1 a double, "-0" a zero).
class Handler {
 public:
  Handler(std::string_view text, Whole whole, TokenSink& sink)
      : text_(text), whole_(whole), sink_(sink), seen_(text.data()) {}

  CountingIterator begin() { return {text_.data(), &seen_}; }
  CountingIterator end() { return {text_.data() + text_.size(), &seen_}; }
  std::optional<Fault> take_fault() { return std::move(fault_); }

  bool null() { return literal(TokenType::null); }
  bool boolean(bool) { return literal(TokenType::boolean); }
  bool number_integer(std::int64_t) { return number(); }
  bool number_unsigned(std::uint64_t) { return number(); }
  bool number_float(double, const std::string&) { return number(); }
  bool binary(nlohmann::json::binary_t&) { return false; }  // not in JSON text

  bool string(std::string& decoded) {
    begin_value();
    quoted(TokenType::string, decoded);
    return end_value();
  }

  bool key(std::string& decoded) {
    levels_[depth_ - 1].key = quoted(TokenType::key, decoded);
    expected_ = Expected::colon;
    return true;
  }

  bool start_object(std::size_t) { return open(TokenType::begin_object, Expected::key_or_end); }
  bool start_array(std::size_t) { return open(TokenType::begin_array, Expected::value_or_end); }
  bool end_object() { return close(TokenType::end_object); }
  bool end_array() { return close(TokenType::end_array); }

  /// Called for the first fault, and never goes on: after a number that is too large for a double
  /// nlohmann would report a second fault that is none.
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) {
    fault_ = syntax_fault(state());
    return false;
  }

  /// Looks for a zero byte, which nlohmann takes for the end of the text.
  void check_end() {
    if (skip_space(text_, done_) != text_.size()) fault_ = syntax_fault(state());
  }

 private:
  ReadState state() const { return {text_, whole_, done_, expected_, {levels_.data(), depth_}}; }

  /// The beginning of the token that has just been read. Between two tokens there is only white
  /// space, a comma or a colon.
  std::size_t token_begin() const {
    std::size_t at = done_;
    while (is_space(text_[at]) || text_[at] == ',' || text_[at] == ':') ++at;
    return at;
  }

  void begin_value() {
    if (depth_ > 0) ++levels_[depth_ - 1].count;
  }

  bool end_value() {
    expected_ = depth_ > 0 ? Expected::comma_or_end : Expected::nothing;
    return true;
  }

  bool literal(TokenType type) {
    begin_value();
    const std::size_t at = token_begin();
    done_ = static_cast<std::size_t>(seen_ - text_.data());
    sink_.take({type, at, text_.substr(at, done_ - at)});
    return end_value();
  }

  /// The lexer has looked one byte beyond the number, unless the text ended there.
  bool number() {
    begin_value();
    const std::size_t at = token_begin();
    done_ = number_end(text_, at);
    sink_.take({TokenType::number, at, text_.substr(at, done_ - at)});
    return end_value();
  }

  /// Returns the text between the quotes, escapes and all.
  std::string_view quoted(TokenType type, const std::string& decoded) {
    const std::size_t at = token_begin();
    done_ = static_cast<std::size_t>(seen_ - text_.data());
    const std::string_view written = text_.substr(at + 1, done_ - at - 2);
    // Every escape is longer than its character.
    const bool escaped = written.size() != decoded.size();
    sink_.take({type, at, escaped ? std::string_view(decoded) : written, escaped});
    return written;
  }

  bool open(TokenType type, Expected expected) {
    const std::size_t at = token_begin();
    begin_value();
    if (depth_ == nesting_max) {
      fault_ = nesting_fault(state(), at);
      return false;
    }
    levels_[depth_++] = {type == TokenType::begin_array, at, 0, {}};
    done_ = at + 1;
    expected_ = expected;
    sink_.take({type, at, text_.substr(at, 1)});
    return true;
  }

  bool close(TokenType type) {
    const std::size_t at = token_begin();
    --depth_;
    done_ = at + 1;
    sink_.take({type, at, text_.substr(at, 1)});
    return end_value();
  }

  std::string_view text_;
  Whole whole_;
  TokenSink& sink_;
  const char* seen_;      // how far the lexer has read
  std::size_t done_ = 0;  // just past the last token
  Expected expected_ = Expected::value;
  std::size_t depth_ = 0;
  std::array<Level, nesting_max> levels_;  // the first `depth_` are set
  std::optional<Fault> fault_;
};

Fault encoding_fault(std::string_view encoding, Whole whole) {
  // A line cut from a wide text begins anywhere, so only the family's name is certain.
  std::string name(whole == Whole::list ? encoding : encoding.substr(0, 6));
  return {0, "", "the text is in " + std::move(name) + "; expected UTF-8"};
}

}  // namespace

std::optional<Fault> read_json(std::string_view text, Whole whole, TokenSink& sink) {
  const std::string_view encoding = wide_encoding(text);
  if (!encoding.empty()) return encoding_fault(encoding, whole);
  if (skip_space(text, 0) == text.size()) {
    return Fault{0, "",
                 whole == Whole::list
                     ? "the list is empty; expected an object with the key \"jobs\""
                     : "the line is empty; expected a job object"};
  }
  Handler handler(text, whole, sink);
  if (without_byte_order_mark(text).size() != text.size()) {  // nlohmann would skip it
    handler.check_end();
  } else if (nlohmann::json::sax_parse(handler.begin(), handler.end(), &handler)) {
    handler.check_end();
  }
  return handler.take_fault();
}

}  // namespace jobs::detail
