#include "primes/verdict.hpp"

namespace primes {

static_assert(sizeof(Verdict) == 3, "each member fits its byte");

std::string_view to_string(Certainty certainty) {
  return certainty == Certainty::proven ? "proven" : "probable";
}

std::string_view to_string(Method method) {
  switch (method) {
    case Method::definition: return "definition";
    case Method::table: return "table";
    case Method::trial_division: return "trial_division";
    case Method::fermat_base_2: return "fermat_base_2";
    case Method::bpsw: return "bpsw";
    case Method::miller_rabin: return "miller_rabin";
  }
  return "unknown";
}

}  // namespace primes
