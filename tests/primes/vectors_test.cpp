#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "primes/check.hpp"
#include "primes/is_prime.hpp"
#include "primes/oracle.hpp"

using primes::Certainty;
using primes::Integer;
using primes::Method;
using primes::Verdict;

// data/prime-vectors.json: numbers whose verdicts three libraries agree on and whose primes are all
// proved; each entry says why it is there.
namespace {

nlohmann::json vectors() {
  std::ifstream file(PRIMES_TEST_DATA "/prime-vectors.json");
  REQUIRE(file.is_open());
  return nlohmann::json::parse(file);
}

// A prime may be called proven only where the test is exact.
Certainty certainty_due(const std::string& n, bool prime) {
  const oracle::Mpz psi_13("3317044064679887385961981");
  const bool exact = mpz_cmp(oracle::Mpz(n).get(), psi_13.get()) < 0;
  return !prime || exact ? Certainty::proven : Certainty::probable;
}

}  // namespace

TEST_SUITE_BEGIN("vectors");

TEST_CASE("every verified number gets its verdict, and no more certainty than is due") {
  std::size_t count = 0;
  for (const auto& entry : vectors()) {
    const auto text = entry.at("n").get<std::string>();
    const bool prime = entry.at("prime").get<bool>();
    const std::string why = entry.at("why").get<std::string>();
    CAPTURE(text);
    CAPTURE(why);
    const auto n = Integer::parse(text);
    REQUIRE(n.has_value());
    CHECK(n->to_string() == text);
    const Verdict verdict = primes::check(*n);
    CHECK(verdict.prime == prime);
    CHECK((verdict.certainty == certainty_due(text, prime)));
    if (const auto word = n->to_uint64()) CHECK(primes::is_prime(*word) == prime);
    ++count;
  }
  CHECK(count == 173);
}

TEST_CASE("trial division agrees on every verified number that it ends soon on") {
  for (const auto& entry : vectors()) {
    const auto n = Integer::parse(entry.at("n").get<std::string>());
    REQUIRE(n.has_value());
    if (n->bit_length() > 45) continue;
    CAPTURE(n->to_string());
    const Verdict verdict = primes::check(*n, primes::Algorithm::trial_division);
    CHECK(verdict.prime == entry.at("prime").get<bool>());
    CHECK((verdict.certainty == Certainty::proven));
  }
}

TEST_SUITE_END();
