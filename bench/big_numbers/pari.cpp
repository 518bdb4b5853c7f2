#include <pari/pari.h>

#include "numbers.hpp"

// Its BPSW test, on numbers that are converted beforehand and stay on its stack.
int main(int argc, char** argv) {
  pari_init(std::size_t{1} << 26, 2);
  bench::measure_all(
      "pari", bench::is_smoke(argc, argv),
      [](const std::string& decimal) { return strtoi(decimal.c_str()); },
      [](GEN n) {
        const pari_sp before = avma;
        const bool prime = BPSW_psp(n) != 0;
        set_avma(before);
        return prime;
      });
  pari_close();
}
