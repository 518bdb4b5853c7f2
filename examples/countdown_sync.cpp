// Three countdowns, one after the other.
// Each wait blocks the program, so the times add up: 3 + 2.4 + 1.5 = 6.9 s.

#include <chrono>
#include <thread>

#include "print.hpp"

using namespace std::chrono_literals;

void count_down(char name, std::chrono::milliseconds delay) {
  for (int n = 3; n > 0; --n) {
    std::this_thread::sleep_for(delay);
    print_tick(name, n);
  }
}

int main() {
  count_down('A', 1s);
  count_down('B', 800ms);
  count_down('C', 500ms);
  print_done();
}
