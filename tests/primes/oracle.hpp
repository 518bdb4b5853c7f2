#pragma once

#include <gmp.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What the library is compared with: other people's arithmetic, or the plainest there is.
namespace oracle {

/// Whether each n below `end` is prime, by a plain sieve.
std::vector<bool> sieve(std::uint64_t end);

/// Strong tests to the first 12 prime bases with the compiler's own 128-bit remainder: exact for
/// every 64-bit n (Sorenson and Webster, 2015).
bool is_prime(std::uint64_t n);

/// A GMP integer that cleans up after itself.
class Mpz {
 public:
  Mpz() { mpz_init(value_); }
  explicit Mpz(std::uint64_t value) { mpz_init_set_ui(value_, value); }
  explicit Mpz(std::string_view text) { mpz_init_set_str(value_, std::string(text).c_str(), 0); }
  Mpz(const Mpz& other) { mpz_init_set(value_, other.value_); }
  Mpz& operator=(const Mpz& other) {
    mpz_set(value_, other.value_);
    return *this;
  }
  ~Mpz() { mpz_clear(value_); }

  mpz_ptr get() { return value_; }
  mpz_srcptr get() const { return value_; }
  /// A negative base means capital letters.
  std::string to_string(int base = 10) const;

 private:
  mpz_t value_;
};

/// GMP's answer.
bool is_prime(const Mpz& n);

/// 2^exponent − 1.
Mpz mersenne(unsigned exponent);

}  // namespace oracle
