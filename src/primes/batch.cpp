#include "primes/batch.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "primes/is_prime.hpp"
#include "primes/table.hpp"
#include "primes/word_tests.hpp"

namespace primes {
namespace detail {
namespace {

// Where the answers go. All are `false` first, with the method that decides; then those that are
// prime are marked.
struct Booleans {
  std::span<bool> primes;
  void settle(std::size_t first, std::span<const Method> methods) const {
    std::fill_n(primes.begin() + static_cast<std::ptrdiff_t>(first), methods.size(), false);
  }
  void decide(std::uint64_t, Method) const {}
  void mark(std::uint64_t place) const { primes[place] = true; }
};

struct Verdicts {
  std::span<Verdict> verdicts;
  void settle(std::size_t first, std::span<const Method> methods) const {
    Verdict* verdict = verdicts.data() + first;
    for (const Method method : methods) *verdict++ = {false, Certainty::proven, method};
  }
  void decide(std::uint64_t place, Method method) const { verdicts[place].method = method; }
  void mark(std::uint64_t place) const { verdicts[place].prime = true; }
};

// A batch on its way: numbers are divided by the chunk, and what is left waits until there is
// enough of it to fill a test. Only at the end tests are taken by fewer.
template <class Results>
class Batch {
 public:
  Batch(const BatchPath& path, Results results) : path_(path), results_(results) {}

  void run(std::span<const std::uint64_t> numbers) {
    for (std::size_t first = 0; first < numbers.size(); first += chunk_size) {
      divide(numbers.data() + first, std::min(chunk_size, numbers.size() - first), first);
      look_up();
      for (const Width width : {narrow, wide}) {
        while (divided_.left[width].count >= path_.strong_base_2[width].size) test_strongly(width);
      }
    }
    for (const Width width : {narrow, wide}) {
      while (divided_.left[width].count > 0) test_strongly(width);
      while (candidates_[width].count > 0) test_finally(width);
    }
  }

 private:
  void divide(const std::uint64_t* numbers, std::size_t count, std::size_t first) {
    const std::array before{divided_.left[narrow].count, divided_.left[wide].count};
    path_.divide(numbers, count, first, divided_);
    results_.settle(first, std::span(divided_.methods).first(count));
    for (const Width width : {narrow, wide}) {
      const Pending& left = divided_.left[width];
      for (std::size_t i = before[width]; i < left.count; ++i) {
        const bool short_one = left.numbers[i] >> 32 == 0;
        results_.decide(left.places[i], short_one ? Method::fermat_base_2 : Method::bpsw);
      }
    }
  }

  void look_up() {
    Pending& small = divided_.small;
    for (std::size_t i = 0; i < small.count; ++i) {
      if (table_is_prime(small.numbers[i])) results_.mark(small.places[i]);
    }
    small.count = 0;
  }

  // Takes a group off the end of what waits, calls use(number, place) for those that pass.
  template <class Use>
  static void run_group(const GroupTest& test, Pending& pending, Use use) {
    const std::size_t count = std::min(pending.count, test.size);
    pending.count -= count;
    const std::uint64_t* numbers = pending.numbers.data() + pending.count;
    std::uint64_t passing = test.run(numbers, count);
    for (; passing != 0; passing &= passing - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(passing));
      use(numbers[i], pending.places[pending.count + i]);
    }
  }

  void test_strongly(Width width) {
    run_group(path_.strong_base_2[width], divided_.left[width],
              [this, width](std::uint64_t number, std::uint64_t place) {
                if (number >> 32 != 0) {
                  candidates_[width].push(number, place);
                } else if (!is_base_2_exception(number)) {
                  results_.mark(place);
                }
              });
    while (candidates_[width].count >= path_.extra_strong_lucas[width].size) test_finally(width);
  }

  void test_finally(Width width) {
    run_group(path_.extra_strong_lucas[width], candidates_[width],
              [this](std::uint64_t, std::uint64_t place) { results_.mark(place); });
  }

  const BatchPath& path_;
  Results results_;
  Divided divided_;
  std::array<Pending, 2> candidates_;  // these passed the strong test
};

constexpr std::array paths{&ifma_path, &scalar_path};

}  // namespace

std::span<const BatchPath* const> batch_paths() noexcept { return paths; }

const BatchPath& best_batch_path() noexcept {
  static const BatchPath& best =
      **std::find_if(paths.begin(), paths.end(), [](auto* path) { return path->available(); });
  return best;
}

void is_prime(const BatchPath& path, std::span<const std::uint64_t> numbers,
              std::span<bool> primes) noexcept {
  assert(numbers.size() == primes.size());
  Batch(path, Booleans{primes}).run(numbers);
}

void examine(const BatchPath& path, std::span<const std::uint64_t> numbers,
             std::span<Verdict> verdicts) noexcept {
  assert(numbers.size() == verdicts.size());
  Batch(path, Verdicts{verdicts}).run(numbers);
}

}  // namespace detail

void is_prime(std::span<const std::uint64_t> numbers, std::span<bool> primes) noexcept {
  detail::is_prime(detail::best_batch_path(), numbers, primes);
}

void examine(std::span<const std::uint64_t> numbers, std::span<Verdict> verdicts) noexcept {
  detail::examine(detail::best_batch_path(), numbers, verdicts);
}

}  // namespace primes
