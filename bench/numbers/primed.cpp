// primed as a whole process: one job with the numbers of a file.

#include <string>

#include "measure.hpp"
#include "pipeline/child.hpp"
#include "pipeline/lists.hpp"

int main(int argc, char** argv) {
  const std::uint64_t count = bench::is_smoke(argc, argv) ? 2'000 : 1'000'000;
  const bench::Folder folder;
  std::string text;
  bench::ListMaker(bench::List::numbers).append_lines(text, count);
  folder.write("numbers.txt", text);
  const std::string list = folder.write(
      "list.json", R"({"jobs": [{"id": "all", "kind": "prime", "numbers_from": "numbers.txt"}]})");
  bench::Child primed(
      {bench::primed_path(), "run", list, "--results", folder.file("results.ndjson")},
      STDIN_FILENO);
  primed.wait();
  bench::print("primed", "one_number",
               static_cast<double>(primed.wall_ns()) / static_cast<double>(count));
}
