#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "jobs/json/fault.hpp"

namespace jobs::detail {

enum class TokenType : std::uint8_t {
  begin_object,
  end_object,
  begin_array,
  end_array,
  key,
  string,
  number,
  boolean,
  null,
};

/// A piece of JSON and where it stands.
struct Token {
  TokenType type;
  std::size_t offset;     ///< of its first byte in the text
  std::string_view text;  ///< a key or string decoded, a number exactly as it is written
  bool passing = false;   ///< `text` lives only as long as the call (it had escapes)
};

/// A receiver of a text's tokens.
class TokenSink {
 public:
  virtual void take(const Token& token) = 0;

 protected:
  ~TokenSink() = default;
};

/// The sort of a whole text; only the wording of faults depends on it.
enum class Whole { list, job };

/// Hands the tokens of `text` to `sink` one by one. Returns the fault that ended the reading if the
/// text is not JSON, is nested too deeply, or is not in UTF-8. No recursion and no copy of the
/// text: a text of any size and any nesting is safe to read. A byte order mark must have been taken
/// off.
std::optional<Fault> read_json(std::string_view text, Whole whole, TokenSink& sink);

}  // namespace jobs::detail
