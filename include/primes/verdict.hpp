#pragma once

#include <cstdint>
#include <string_view>

namespace primes {

/// How sure an answer is. A composite is always proven; a prime is `probable` when it only passed a
/// test that is not known to be exact at its size.
enum class Certainty : std::uint8_t { proven, probable };

/// The test that decided.
enum class Method : std::uint8_t {
  definition,      ///< negative, 0 or 1: not prime by definition
  table,           ///< looked up below 2^20
  trial_division,  ///< a divisor was found, or none exists up to the square root
  fermat_base_2,   ///< base 2 with the list of its exceptions below 2^32
  bpsw,            ///< Baillie–PSW: strong base 2 and extra strong Lucas
  miller_rabin,    ///< strong tests to the first 13 prime bases: exact below 3.3 × 10^24
};

/// The answer to "is n prime?", how sure it is, and what decided it. Three bytes: there may be many.
struct Verdict {
  bool prime = false;
  Certainty certainty = Certainty::proven;
  Method method = Method::definition;

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// The names as they stand in results: `proven`, `bpsw` and so on.
std::string_view to_string(Certainty certainty);
std::string_view to_string(Method method);

}  // namespace primes
