// make_list LIST COUNT FILE: writes one of the lists for a peer that is no C++ program.

#include <cstdio>
#include <fstream>
#include <string>

#include "pipeline/lists.hpp"

int main(int argc, char** argv) {
  if (argc != 4) return 64;
  std::string text;
  bench::ListMaker(bench::list_called(argv[1])).append_lines(text, std::stoull(argv[2]));
  std::ofstream file(argv[3], std::ios::binary);
  return file << text ? 0 : 1;
}
