// What primed holds at most while a long list goes through it. The list comes by a pipe as it is
// made, and the results go nowhere.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <string_view>
#include <system_error>

#include "measure.hpp"
#include "pipeline/child.hpp"
#include "pipeline/lists.hpp"

namespace {

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0) throw std::system_error(errno, std::generic_category(), "cannot feed primed");
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::int64_t peak_bytes(bench::List list, std::uint64_t count) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category());
  bench::Child primed({bench::primed_path(), "run", "-", "--input", "ndjson", "--workers", "2",
                       "--results", "/dev/null"},
                      ends[0]);
  ::close(ends[0]);
  bench::ListMaker maker(list);
  std::string text;
  for (std::uint64_t made = 0; made < count; made += 1'000) {
    text.clear();
    maker.append_lines(text, 1'000);
    write_all(ends[1], text);
  }
  ::close(ends[1]);
  primed.wait();
  return primed.peak_bytes();
}

double mib(std::int64_t bytes) { return static_cast<double>(bytes) / 1'048'576; }

}  // namespace

int main(int argc, char** argv) {
  const bool smoke = bench::is_smoke(argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  const std::uint64_t million = smoke ? 2'000 : 1'000'000;
  const std::int64_t without_ids = peak_bytes(bench::List::no_ids, million);
  const std::int64_t with_ids = peak_bytes(bench::List::ids, million);
  bench::print("primed", "mib_1m", mib(without_ids));
  bench::print("primed", "mib_10m", mib(peak_bytes(bench::List::no_ids, 10 * million)));
  bench::print("primed", "bytes_per_id",
               static_cast<double>(std::max<std::int64_t>(with_ids - without_ids, 0)) /
                   static_cast<double>(million));
}
