#include "jobs/json/syntax_fault.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "jobs/json/characters.hpp"
#include "jobs/json/limits.hpp"
#include "jobs/json/token_fault.hpp"
#include "jobs/json/utf8.hpp"

namespace jobs::detail {
namespace {

/// The expectation at the bad token, once the comma or colon before it has been passed.
enum class Wanted { root, value, value_or_end, key, key_or_end, colon, comma_or_end, nothing };

/// The bad token, and the expectation at its place.
struct Spot {
  const ReadState& state;
  std::size_t at = 0;
  Wanted wanted = Wanted::nothing;
  std::size_t comma = std::string_view::npos;  // passed just before `at`

  char current() const { return at < state.text.size() ? state.text[at] : '\0'; }
  bool at_end() const { return at >= state.text.size(); }
  bool in_array() const { return !state.levels.empty() && state.levels.back().array; }
  bool wants_value() const {
    return wanted == Wanted::root || wanted == Wanted::value || wanted == Wanted::value_or_end;
  }
  bool wants_key() const { return wanted == Wanted::key || wanted == Wanted::key_or_end; }
};

Wanted wanted_first(const ReadState& state) {
  switch (state.expected) {
    case Expected::value: return Wanted::root;
    case Expected::value_or_end: return Wanted::value_or_end;
    case Expected::key_or_end: return Wanted::key_or_end;
    case Expected::colon: return Wanted::colon;
    case Expected::comma_or_end: return Wanted::comma_or_end;
    case Expected::nothing: break;
  }
  return Wanted::nothing;
}

Spot find_spot(const ReadState& state) {
  Spot spot{state, skip_space(state.text, state.done), wanted_first(state)};
  if (spot.wanted == Wanted::colon && spot.current() == ':') {
    spot.wanted = Wanted::value;
    spot.at = skip_space(state.text, spot.at + 1);
  } else if (spot.wanted == Wanted::comma_or_end && spot.current() == ',') {
    spot.wanted = spot.in_array() ? Wanted::value : Wanted::key;
    spot.comma = spot.at;
    spot.at = skip_space(state.text, spot.at + 1);
  }
  return spot;
}

std::string expected_text(const Spot& spot) {
  switch (spot.wanted) {
    case Wanted::root:
      return spot.state.whole == Whole::list ? "an object with the key \"jobs\"" : "a job object";
    case Wanted::value: return "a value";
    case Wanted::value_or_end: return "a value or \"]\"";
    case Wanted::key: return "a key in double quotes";
    case Wanted::key_or_end: return "a key in double quotes or \"}\"";
    case Wanted::colon: return "\":\" after the key";
    case Wanted::comma_or_end: return spot.in_array() ? "\",\" or \"]\"" : "\",\" or \"}\"";
    case Wanted::nothing: break;
  }
  return spot.state.whole == Whole::list ? "the end of the list" : "the end of the line";
}

std::string end_message(const Spot& spot) {
  if (spot.state.levels.empty()) return "the text ends too early; expected " + expected_text(spot);
  const Level& open = spot.state.levels.back();
  return std::string("the text ends inside the ") + (open.array ? "list" : "object") +
         " that begins at " + place_text(spot.state.text, open.begin) + "; expected " +
         expected_text(spot);
}

std::string bracket_message(const Spot& spot) {
  const std::string bracket(1, spot.current());
  if (spot.comma != std::string_view::npos) {
    return "unexpected \"" + bracket + "\" after a comma; expected " + expected_text(spot) +
           " (remove the comma at " + place_text(spot.state.text, spot.comma) + ")";
  }
  return "unexpected \"" + bracket + "\"; expected " + expected_text(spot);
}

std::string trailing_message(const Spot& spot) {
  if (spot.state.whole == Whole::job) {
    return "there is more after the job object; expected the end of the line";
  }
  std::string message = "there is more after the list; expected the end of the text";
  if (spot.current() == '{') {
    message += " (one job a line is for .ndjson and .jsonl files, or --input ndjson)";
  }
  return message;
}

/// A character that begins no token of JSON, or a token in the wrong place.
std::string character_message(const Spot& spot) {
  const std::string_view text = spot.state.text;
  const char c = spot.current();
  if (c == ',') {
    const bool two = spot.comma != std::string_view::npos;
    return std::string(two ? "two commas in a row" : "unexpected \",\"") + "; expected " +
           expected_text(spot) +
           (two || spot.wants_value() || spot.wants_key() ? " (remove the comma)" : "");
  }
  if (c == '}' || c == ']') return bracket_message(spot);
  if (c == '=' && spot.wanted == Wanted::colon) return "unexpected \"=\"; expected \":\"";
  if (c == '"' || c == '{' || c == '[' || is_digit(c) || c == '-') {
    std::string message = "unexpected ";
    message += c == '"' ? "string" : c == '{' ? "\"{\"" : c == '[' ? "\"[\"" : "number";
    message += "; expected " + expected_text(spot);
    if (spot.wanted == Wanted::comma_or_end) message += " (a comma is missing)";
    return message;
  }
  const auto point = decode_utf8(text, spot.at);
  const std::string_view character = text.substr(spot.at, point ? point->length : 1);
  return "unexpected " + echo(character) + "; expected " + expected_text(spot);
}

/// The message, and its place, which need not be the token's first byte.
TokenFault message_at(const Spot& spot) {
  const std::string_view text = spot.state.text;
  if (spot.at_end()) return {spot.at, end_message(spot)};
  if (auto fault = foreign_token_fault(text, spot.at)) return *std::move(fault);
  const char c = spot.current();
  if (spot.wanted == Wanted::nothing) return {spot.at, trailing_message(spot)};
  if (c == '"' && (spot.wants_value() || spot.wants_key())) {
    if (auto fault = string_fault(text, spot.at)) return *std::move(fault);
  }
  const bool numeric = is_digit(c) || c == '-' || c == '+' || c == '.';
  if (numeric && spot.wants_value()) return number_fault(text, spot.at);
  const bool goes_on = spot.at == spot.state.done && spot.wanted == Wanted::comma_or_end;
  if (goes_on) {
    if (auto fault = number_tail_fault(text, spot.at)) return *std::move(fault);
  }
  const std::string_view word = bare_word(text, spot.at);
  if (word.empty()) return {spot.at, character_message(spot)};
  if (spot.wants_key()) {
    return {spot.at, "the key " + echo(word) + " has no quotes; expected it in double quotes"};
  }
  if (spot.wants_value()) return {spot.at, word_message(word)};
  return {spot.at, "unexpected " + echo(word) + "; expected " + expected_text(spot)};
}

}  // namespace

std::string pointer_of(std::span<const Level> levels, Pointed pointed) {
  std::string pointer;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const Level& level = levels[i];
    const bool innermost = i + 1 == levels.size();
    if (innermost && pointed == Pointed::container) break;
    if (level.array) {
      const bool next = innermost && pointed == Pointed::next_value;
      append_token(pointer, std::to_string(next ? level.count : level.count - 1));
    } else {
      append_token(pointer, level.key);
    }
  }
  return pointer;
}

Fault syntax_fault(const ReadState& state) {
  const Spot spot = find_spot(state);
  TokenFault found = message_at(spot);
  const bool closing = spot.current() == '}' || spot.current() == ']';
  Pointed pointed = Pointed::container;
  if (found.offset < state.done) {
    pointed = Pointed::last_value;
  } else if (spot.wants_value() && !spot.at_end() && !closing) {
    pointed = Pointed::next_value;
  }
  return {found.offset, pointer_of(state.levels, pointed), std::move(found.message)};
}

Fault nesting_fault(const ReadState& state, std::size_t offset) {
  return {offset, pointer_of(state.levels, Pointed::container),
          "nested too deeply; expected at most " + std::to_string(nesting_max) + " levels"};
}

}  // namespace jobs::detail
