#include "primes/verdict.hpp"

#include <doctest/doctest.h>

using primes::Certainty;
using primes::Method;

TEST_SUITE_BEGIN("verdict");

TEST_CASE("names of certainties and methods are those of the results") {
  CHECK(to_string(Certainty::proven) == "proven");
  CHECK(to_string(Certainty::probable) == "probable");
  CHECK(to_string(Method::definition) == "definition");
  CHECK(to_string(Method::table) == "table");
  CHECK(to_string(Method::trial_division) == "trial_division");
  CHECK(to_string(Method::fermat_base_2) == "fermat_base_2");
  CHECK(to_string(Method::bpsw) == "bpsw");
  CHECK(to_string(Method::miller_rabin) == "miller_rabin");
}

TEST_SUITE_END();
