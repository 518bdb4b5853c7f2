// primed as a whole process: a list in a file, results to a file.

#include <string>

#include "measure.hpp"
#include "pipeline/child.hpp"
#include "pipeline/lists.hpp"

int main(int argc, char** argv) {
  const std::uint64_t count = bench::is_smoke(argc, argv) ? 2'000 : 1'000'000;
  for (const std::string name : {"ids", "no_ids", "mixed"}) {
    const bench::Folder folder;
    std::string text;
    bench::ListMaker(bench::list_called(name)).append_lines(text, count);
    const std::string list = folder.write("list.ndjson", text);
    bench::Child primed({bench::primed_path(), "run", list, "--workers", "2", "--results",
                         folder.file("results.ndjson")},
                        STDIN_FILENO);
    primed.wait();
    bench::print("primed", name,
                 static_cast<double>(primed.wall_ns()) / static_cast<double>(count));
  }
}
