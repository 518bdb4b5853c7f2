#include "primed/results_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "primed/options.hpp"
#include "support/loop_test.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace std::chrono_literals;
using primed::ResultsFile;
using Opening = ResultsFile::Opening;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// How many descriptors are open on files of `folder`, also on those that are no longer there.
std::ptrdiff_t open_in(const std::filesystem::path& folder) {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::count_if(begin(all), end(all), [&](const std::filesystem::directory_entry& entry) {
    std::error_code gone;  // the one that reads the list
    return read_symlink(entry.path(), gone).string().starts_with(folder.string() + "/");
  });
}

/// A named pipe that nobody has read from yet.
class NamedPipe {
 public:
  explicit NamedPipe(const std::filesystem::path& path) {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    reader_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reader_ >= 0);
  }
  NamedPipe(const NamedPipe&) = delete;
  NamedPipe& operator=(const NamedPipe&) = delete;
  ~NamedPipe() { ::close(reader_); }

  void read_into(std::string& text) const {
    std::array<char, 65536> buffer{};
    for (;;) {
      const ssize_t count = ::read(reader_, buffer.data(), buffer.size());
      if (count <= 0) return;
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  int reader_ = -1;
};

/// A results file with its output, on a loop that ends before either.
struct Records {
  explicit Records(const std::filesystem::path& place)
      : folder(place),
        file(path, Opening::append, [this](const std::string& t) { complaints.push_back(t); }) {}
  ~Records() { loop.close(); }

  void reopen() { file.request_reopening(loop, output); }
  void write_numbers(int count) {
    for (int i = 0; i < count; ++i) output.write("record " + std::to_string(written++) + "\n");
  }
  /// Whether the file is steady and all is written, after at most so many turns.
  bool settle(int turns = 1000) {
    while (turns-- > 0 && !is_settled()) support::run_turns(loop, 1);
    return is_settled();
  }
  bool is_settled() const {
    return file.state() == ResultsFile::State::steady && output.is_flushed();
  }

  std::filesystem::path folder;
  std::filesystem::path path = folder / "results";
  std::vector<std::string> complaints;
  int written = 0;
  aio::EventLoop loop;
  ResultsFile file;
  jobs::Output output{loop, file.fd()};
};

std::string numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "record " + std::to_string(i) + "\n";
  return text;
}

}  // namespace

TEST_SUITE_BEGIN("results file");

TEST_CASE("a run empties its results file, and a service adds to it") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("results", "old\n");
  const auto complain = [](const std::string&) {};
  { const ResultsFile appended(path, Opening::append, complain); }
  CHECK(text_of(path) == "old\n");
  { const ResultsFile truncated(path, Opening::truncate, complain); }
  CHECK(text_of(path).empty());
}

TEST_CASE("a results file that cannot be made ends the program with its code") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "missing" / "results";
  try {
    const ResultsFile file(path, Opening::append, [](const std::string&) {});
    FAIL("it was opened");
  } catch (const primed::Exit& exit) {
    CHECK(exit.code() == primed::ExitCode::cannot_create);
    CHECK(exit.what() == path.string() + ": No such file or directory");
  }
}

TEST_CASE("after a reopening the records go to the file that bears the name now") {
  const support::TemporaryFolder folder;
  Records records(folder.path());
  records.write_numbers(1);
  std::filesystem::rename(records.path, records.folder / "results.1");
  records.reopen();
  CHECK(records.settle());
  records.output.write("new\n");
  CHECK(records.settle());
  CHECK(text_of(records.folder / "results.1") == numbers(1));
  CHECK(text_of(records.path) == "new\n");
  CHECK(records.complaints.empty());
}

TEST_CASE("a file that cannot be opened anew leaves the one that is open, and says so") {
  const support::TemporaryFolder folder;
  Records records(folder.path());
  const auto moved = records.folder / "results.1";
  std::filesystem::rename(records.path, moved);
  std::filesystem::create_directory(records.path);
  records.reopen();
  records.reopen();  // and so does the one more
  records.write_numbers(1);
  CHECK(records.settle());
  CHECK(text_of(moved) == numbers(1));
  const std::string complaint =
      records.path.string() + ": Is a directory; going on with the file that is open";
  CHECK(records.complaints == std::vector<std::string>{complaint, complaint});
  SUBCASE("and the next request finds it gone") {
    std::filesystem::remove(records.path);
    records.reopen();
    CHECK(records.settle());
    records.output.write("new\n");
    CHECK(records.settle());
    CHECK(text_of(records.path) == "new\n");
  }
}

TEST_CASE("requests during a reopening make one more after it, whenever they come") {
  for (int turns = 0; turns < 12; ++turns) {
    CAPTURE(turns);
    const support::TemporaryFolder folder;
    {
      Records records(folder.path());
      std::filesystem::remove(records.path);
      const NamedPipe slow(records.path);
      records.reopen();
      REQUIRE(records.settle());
      records.write_numbers(20'000);  // more than the pipe holds
      support::run_turns(records.loop, 3);
      std::filesystem::rename(records.path, records.folder / "slow");
      records.reopen();  // waits for the reader of the pipe
      support::run_turns(records.loop, 3);
      std::string read;
      slow.read_into(read);
      support::run_turns(records.loop, turns);
      std::filesystem::rename(records.path, records.folder / "second");
      records.reopen();
      records.reopen();
      records.write_numbers(100);
      for (int i = 0; i < 1000 && !records.is_settled(); ++i) {
        slow.read_into(read);
        support::run_turns(records.loop, 1);
      }
      REQUIRE(records.is_settled());
      records.write_numbers(100);
      REQUIRE(records.settle());
      slow.read_into(read);
      CHECK_FALSE(records.output.error());
      const std::string all = read + text_of(records.folder / "second") + text_of(records.path);
      CHECK(all == numbers(20'200));
      CHECK(text_of(records.path).size() > 0);
      CHECK(open_in(folder.path()) == 2);  // the results, and the reader of the pipe
      CHECK(records.complaints.empty());
    }
    CHECK(open_in(folder.path()) == 0);
  }
}

TEST_CASE("a loop that closes in a reopening leaves no descriptor open and closes none twice") {
  const support::TemporaryFolder folder;
  {
    Records records(folder.path());
    std::filesystem::remove(records.path);
    const NamedPipe slow(records.path);
    records.reopen();
    REQUIRE(records.settle());
    records.write_numbers(20'000);
    support::run_turns(records.loop, 3);
    records.loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
    records.reopen();
    support::run_turns(records.loop, 3);
    CHECK(records.file.state() == ResultsFile::State::reopening);
    records.loop.close();
    CHECK(records.file.state() == ResultsFile::State::steady);
  }
  CHECK(open_in(folder.path()) == 0);
}

TEST_CASE("an output that fails in a reopening stays with its file") {
  const auto ignored = std::signal(SIGPIPE, SIG_IGN);
  const support::TemporaryFolder folder;
  {
    Records records(folder.path());
    std::filesystem::remove(records.path);
    {
      const NamedPipe slow(records.path);
      records.reopen();
      REQUIRE(records.settle());
      records.write_numbers(20'000);
      support::run_turns(records.loop, 3);
      records.reopen();
      support::run_turns(records.loop, 3);
    }
    CHECK(records.settle());
    CHECK(records.output.error() == std::errc::broken_pipe);
  }
  CHECK(open_in(folder.path()) == 0);
  std::signal(SIGPIPE, ignored);
}

TEST_CASE("an error of closing is told, for some disks are found full only then") {
  const support::TemporaryFolder folder;
  Records records(folder.path());
  ::close(records.file.fd());
  CHECK(records.file.close() == std::errc::bad_file_descriptor);
  const std::string complaint = records.path.string() + ": Bad file descriptor when it was closed";
  CHECK(records.complaints == std::vector<std::string>{complaint});
}
