// Reads one job list and says all that is wrong with it, as `primed check` does: a stand-in for
// scripts that need the parser's verdict and nothing else of the program.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "jobs/list/parse.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  std::ifstream file(argv[1], std::ios::binary);
  if (!file) return 66;
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const std::string path = argv[1];
  const std::string name = path.substr(path.rfind('/') + 1);
  const jobs::ParsedList parsed = jobs::parse_list(text, {});
  for (const auto& error : parsed.errors)
    std::fprintf(stderr, "%s\n", error.to_string(name).c_str());
  return parsed.errors.empty() ? 0 : 78;
}
