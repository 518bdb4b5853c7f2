#include "primes/integer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>

#include "primes/oracle.hpp"

using primes::Integer;

namespace {

std::string random_digits(std::mt19937_64& random, std::size_t count) {
  std::string text(count, '0');
  for (char& c : text) c = static_cast<char>('0' + random() % 10);
  if (text.front() == '0') text.front() = '7';
  return text;
}

Integer parsed(const std::string& text) {
  const auto n = Integer::parse(text);
  REQUIRE(n.has_value());
  return *n;
}

}  // namespace

TEST_SUITE_BEGIN("integer");

TEST_CASE("zero is the default, has no limbs and no sign") {
  const Integer zero;
  CHECK(zero.to_string() == "0");
  CHECK(zero.limbs().empty());
  CHECK(zero.bit_length() == 0);
  CHECK_FALSE(zero.is_negative());
  CHECK(zero.to_uint64() == 0U);
  CHECK(zero == Integer(0));
  for (const char* text : {"0", "-0", "0x0", "0X000", "-0x00"}) {
    CAPTURE(text);
    CHECK(parsed(text) == zero);
  }
  CHECK(parsed("0x" + std::string(40, '0')) == zero);
}

TEST_CASE("numbers around a limb's end come through exactly") {
  const struct {
    const char* text;
    std::size_t bits;
    std::size_t limbs;
  } cases[] = {
      {"1", 1, 1},
      {"9", 4, 1},
      {"9007199254740993", 54, 1},
      {"9999999999999999999", 64, 1},
      {"10000000000000000000", 64, 1},
      {"18446744073709551615", 64, 1},
      {"18446744073709551616", 65, 2},
      {"18446744073709551617", 65, 2},
      {"340282366920938463463374607431768211455", 128, 2},
      {"340282366920938463463374607431768211456", 129, 3},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const Integer n = parsed(c.text);
    CHECK(n.to_string() == c.text);
    CHECK(n.bit_length() == c.bits);
    CHECK(n.limbs().size() == c.limbs);
    CHECK(n.to_uint64().has_value() == (c.limbs == 1));
    const Integer negative = parsed(std::string("-") + c.text);
    CHECK(negative.is_negative());
    CHECK(negative.to_string() == std::string("-") + c.text);
    CHECK_FALSE(negative.to_uint64().has_value());
    CHECK_FALSE(negative == n);
  }
  CHECK(parsed("18446744073709551615").to_uint64() == UINT64_MAX);
  CHECK(parsed("18446744073709551615") == Integer(UINT64_MAX));
}

TEST_CASE("long numbers come through exactly") {
  const std::string power = "1" + std::string(300, '0');
  CHECK(parsed(power).to_string() == power);
  std::mt19937_64 random(20'000);
  for (const std::size_t digits : {19U, 20U, 38U, 39U, 40U, 77U, 308U, 309U, 1000U, 20'000U}) {
    for (int round = 0; round < 5; ++round) {
      const std::string text = random_digits(random, digits);
      const Integer n = parsed(text);
      REQUIRE(n.to_string() == text);
      CHECK(n.limbs().back() != 0);
      const oracle::Mpz expected{text};
      CHECK(n.bit_length() == mpz_sizeinbase(expected.get(), 2));
      CHECK(n.limbs().front() == mpz_getlimbn(expected.get(), 0));
    }
  }
  const std::string nines(20'000, '9');
  CHECK(parsed("-" + nines).to_string() == "-" + nines);
}

TEST_CASE("hexadecimal is read in either case and with leading zeros") {
  CHECK(parsed("0xff") == Integer(255));
  CHECK(parsed("0XFf") == Integer(255));
  CHECK(parsed("-0x10").to_string() == "-16");
  CHECK(parsed("0xFFFFFFFFFFFFFFFF") == Integer(UINT64_MAX));
  CHECK(parsed("0x10000000000000000").to_string() == "18446744073709551616");
  CHECK(parsed("0x0000000000000000000000000000000001") == Integer(1));
  std::mt19937_64 random(16);
  for (const std::size_t digits : {16U, 17U, 32U, 33U, 500U}) {
    const std::string text = random_digits(random, digits);
    const oracle::Mpz n{text};
    CHECK(parsed("0x" + n.to_string(16)).to_string() == text);
    CHECK(parsed("0x000" + n.to_string(16)).to_string() == text);
    CHECK(parsed("0X" + n.to_string(-16)).to_string() == text);
  }
}

TEST_CASE("whatever is not a whole number is refused") {
  for (const char* text : {"",    "-",  "+1",  " 1",  "1 ",   "01",  "-01",      "00",    "1.0",
                           "1e3", "0x", "-0x", "x1",  "0xg",  "--1", "1-",       "1_000", "1,000",
                           "abc", "ff", "0b1", "- 1", "0x-1", "1\n", "\t1",      "-0x 1", "00x1",
                           "1x0", "/",  ":",   "0x@", "0xG",  "0x`", "\xd9\xa1", "½"}) {
    CAPTURE(text);
    CHECK_FALSE(Integer::parse(text).has_value());
  }
  CHECK_FALSE(Integer::parse(std::string_view("1\0", 2)).has_value());
}

TEST_CASE("one bad character anywhere in a long number is found") {
  for (const std::size_t at : {0U, 1U, 20U, 999U}) {
    for (const char bad : {'a', '.', ' ', '-', '\0', '\xff'}) {
      std::string text(1000, '5');
      text[at] = bad;
      if (at == 0 && bad == '-') continue;  // that one is a sign
      CAPTURE(at);
      CHECK_FALSE(Integer::parse(text).has_value());
    }
  }
  CHECK_FALSE(Integer::parse("0x" + std::string(100, 'f') + "g").has_value());
  CHECK_FALSE(Integer::parse("0" + std::string(100, '1')).has_value());
}

TEST_SUITE_END();
