#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <map>
#include <set>

#include "aio/process_pool_executor.hpp"
#include "aio/testing.hpp"
#include "process_functions.hpp"
#include "support/await.hpp"
#include "support/death.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"
#include "support/temporary_folder.hpp"

using namespace support;
using namespace functions;
using aio::PoolOptions;

namespace {

struct Point {
  double x;
  double y;
  friend bool operator==(const Point&, const Point&) = default;
};

class OwnError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace

template <>
struct aio::Serializer<Point> {
  static void write(ByteWriter& writer, const Point& point) { writer.write(point.x, point.y); }
  static Point read(ByteReader& reader) {
    const auto x = reader.read<double>();
    const auto y = reader.read<double>();
    return {x, y};
  }
};

namespace {

Point mirror(const Point& point) { return {point.y, point.x}; }
std::string reverse(std::string text) {
  std::reverse(text.begin(), text.end());
  return text;
}
std::vector<std::uint64_t> square_all(const std::vector<std::uint64_t>& numbers) {
  std::vector<std::uint64_t> squares;
  for (const std::uint64_t n : numbers) squares.push_back(n * n);
  return squares;
}

void fail(int how) {
  switch (how) {
    case 0: throw std::invalid_argument("a");
    case 1: throw std::out_of_range("b");
    case 2: throw aio::ValueError("c");
    case 3: throw aio::TimeoutError("d");
    case 4: throw std::bad_alloc();
    case 5: throw std::system_error(ENOENT, std::generic_category(), "e");
    case 6: throw aio::CancelledError("f", "g");
    case 7: throw OwnError("h");
    case 8: throw 9;
    default: throw std::system_error(std::make_error_code(std::future_errc::no_state));
  }
}

/// What a worker finds when it looks around.
std::string look_around() {
  std::string seen;
  if (!aio::is_process_worker()) seen += "is no worker; ";
  if (std::getenv("AIO_PROCESS_WORKER")) seen += "its children would be workers; ";
  if (std::getchar() != EOF) seen += "has an input; ";
  int sockets = 0;
  for (int number = 0; number < 256; ++number) {
    struct stat status {};
    if (fstat(number, &status) == 0 && S_ISSOCK(status.st_mode)) {
      ++sockets;
      if ((fcntl(number, F_GETFD) & FD_CLOEXEC) == 0) seen += "its children get the socket; ";
    }
  }
  if (sockets != 1) seen += std::to_string(sockets) + " sockets; ";
  raise(SIGINT);
  return seen;
}

int print(const std::string& text) {
  std::printf("%s by printf\n", text.c_str());
  std::cout << text << " by cout\n";
  return 5;
}

int spin(int milliseconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
  return milliseconds;
}

const auto mirror_there = aio::process_function<&mirror>("mirror");
const auto reverse_there = aio::process_function<&reverse>("reverse");
const auto square_all_there = aio::process_function<&square_all>("square_all");
const auto fail_there = aio::process_function<&fail>("fail");
const auto look_around_there = aio::process_function<&look_around>("look_around");
const auto print_there = aio::process_function<&print>("print");
const auto spin_there = aio::process_function<&spin>("spin");

/// What the call that fails so gives here.
template <class E>
std::string error_of(aio::EventLoop& loop, const aio::ProcessPoolExecutor& pool, int how) {
  const auto future = loop.run_in_executor(pool, fail_there, how);
  try {
    loop.run_until_complete(future);
  } catch (const E& error) {
    CHECK(typeid(error) == typeid(E));
    if constexpr (std::is_same_v<E, aio::CancelledError>) {
      return error.message() + error.cancelled_by();
    } else {
      return error.what();
    }
  }
  return "nothing";
}

aio::Coro<void> check_virtual_time() {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ProcessPoolExecutor pool(1);
  const auto start = loop.time();
  const auto sleeper = aio::create_task(aio::sleep(24h));
  co_await loop.run_in_executor(pool, spin_there, 20);
  CHECK(loop.time() == start);
  pool.shutdown();
  co_await pool.join();
  CHECK(loop.time() == start);
  co_await sleeper;
  CHECK(loop.time() == start + 24h);
}

}  // namespace

TEST_CASE("a function runs in another process and its result or exception comes back [E1]") {
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(2);
  CHECK(pool.max_workers() == 2);
  CHECK(loop.run_until_complete(loop.run_in_executor(pool, divide_there, 84, 2)) == 42);
  CHECK_THROWS_WITH_AS(loop.run_until_complete(loop.run_in_executor(pool, divide_there, 1, 0)),
                       "division by zero", std::domain_error);
  const auto there = loop.run_until_complete(loop.run_in_executor(pool, own_pid_there));
  CHECK(there != getpid());
  CHECK(loop.run_until_complete(loop.run_in_executor(pool, own_pid_there)) == there);  // kept
}

TEST_CASE("arguments and results of the user's own types travel by their Serializer") {
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(1);
  const auto mirrored = loop.run_in_executor(pool, mirror_there, Point{1.5, -2});
  CHECK(loop.run_until_complete(mirrored) == Point{-2, 1.5});
  CHECK(loop.run_until_complete(loop.run_in_executor(pool, reverse_there, "text")) == "txet");
}

TEST_CASE("arguments and results of 10 MB travel whole") {
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(2);
  std::string text(10'000'000, ' ');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 23);
  std::vector<std::uint64_t> numbers(1'250'000);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
  const auto reversed = loop.run_in_executor(pool, reverse_there, text);
  const auto squared = loop.run_in_executor(pool, square_all_there, numbers);
  CHECK(loop.run_until_complete(reversed) == reverse(text));
  CHECK(loop.run_until_complete(squared) == square_all(numbers));
}

TEST_CASE("exceptions of the standard library and of aio come back as what they were") {
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(1);
  CHECK(error_of<std::invalid_argument>(loop, pool, 0) == "a");
  CHECK(error_of<std::out_of_range>(loop, pool, 1) == "b");
  CHECK(error_of<aio::ValueError>(loop, pool, 2) == "c");
  CHECK(error_of<aio::TimeoutError>(loop, pool, 3) == "d");
  CHECK(error_of<std::bad_alloc>(loop, pool, 4) == std::bad_alloc().what());
  CHECK(error_of<std::system_error>(loop, pool, 5) == "e: No such file or directory");
  CHECK(error_of<aio::CancelledError>(loop, pool, 6) == "fg");
  CHECK(loop.run_until_complete(loop.run_in_executor(pool, divide_there, 4, 2)) == 2);
}

TEST_CASE("other exceptions come back as a RemoteError with their type and text") {
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(1);
  CHECK(error_of<aio::RemoteError>(loop, pool, 7).ends_with("OwnError: h"));
  CHECK(error_of<aio::RemoteError>(loop, pool, 8) == "int");
  CHECK(error_of<aio::RemoteError>(loop, pool, 9).starts_with("std::system_error: "));
}

TEST_CASE("a function that workers do not know is a clear error, and harms nothing else") {
  const auto late = aio::process_function<&spin>("made known too late");
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(1);
  const auto future = loop.run_in_executor(pool, late, 5);
  CHECK_THROWS_WITH_AS(loop.run_until_complete(future),
                       "worker processes know no function named 'made known too late': make it "
                       "known with aio::process_function at namespace scope",
                       aio::RuntimeError);
  CHECK(loop.run_until_complete(loop.run_in_executor(pool, divide_there, 4, 2)) == 2);
}

TEST_CASE("two functions of the same name abort, and one made known twice does not") {
  CHECK(aio::process_function<&divide>("divide").name() == "divide");
  const auto again = [] { static_cast<void>(aio::process_function<&own_pid>("divide")); };
  CHECK(last_words(again) == "aio: two process functions have the same name\n");
  CHECK(last_words([] { aio::process_worker_main(); }) ==
        "aio: process_worker_main() is for processes that are workers\n");
}

TEST_CASE("a worker is none to its children, has no input, ignores SIGINT, and has one socket") {
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(2);
  const auto first = loop.run_in_executor(pool, look_around_there);
  const auto second = loop.run_in_executor(pool, look_around_there);
  CHECK(loop.run_until_complete(first) == "");
  CHECK(loop.run_until_complete(second) == "");
  CHECK_FALSE(aio::is_process_worker());
}

TEST_CASE("what a function prints is the program's output and does not disturb its result") {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "output").string();
  std::fflush(stdout);
  const int saved = dup(STDOUT_FILENO);
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  dup2(file, STDOUT_FILENO);
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(1);
  const auto future = loop.run_in_executor(pool, print_there, "text");
  const int result = loop.run_until_complete(future);
  const auto lines = lines_of(path);
  dup2(saved, STDOUT_FILENO);
  close(saved);
  close(file);
  CHECK(result == 5);
  const std::set<std::string> seen(lines.begin(), lines.end());
  CHECK(seen == std::set<std::string>{"text by printf", "text by cout"});
}

TEST_CASE("200 calls on two workers are made once each") {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "calls").string();
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(2);
  std::vector<aio::Future<>> futures;
  for (int i = 0; i < 200; ++i) {
    futures.push_back(loop.run_in_executor(pool, append_there, path, std::to_string(i)));
  }
  const auto before = pool.statistics();
  CHECK(before.running == 2);
  CHECK(before.queued == 198);
  loop.run_until_complete(pool.join());
  std::map<std::string, int> counts;
  for (const std::string& line : lines_of(path)) ++counts[line];
  CHECK(counts.size() == 200);
  for (const auto& [line, count] : counts) CHECK(count == 1);
  for (const auto& future : futures) CHECK(future.done());
  const auto after = pool.statistics();
  CHECK(after.submitted == 200);
  CHECK(after.completed == 200);
  CHECK(after.running + after.queued + after.cancelled == 0);
}

TEST_CASE("calls of a higher priority are made first") {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "calls").string();
  const auto go = (folder.path() / "go").string();
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(1);
  const auto first = loop.run_in_executor(pool, hold_until_there, path + "-first", go);
  std::vector<aio::Future<>> futures;
  for (const auto& [priority, name] : {std::pair(0, "a"), {3, "b"}, {-1, "c"}, {3, "d"}}) {
    const auto options = PoolOptions().priority(priority);
    futures.push_back(loop.run_in_executor(pool, options, append_there, path, name));
  }
  CHECK(futures[0].cancel());
  append(go, "go");
  loop.run_until_complete(pool.join());
  CHECK(lines_of(path) == std::vector<std::string>{"b", "d", "c"});
}

TEST_CASE("virtual time stands still while a call is under way or workers are ending") {
  aio::testing::run(check_virtual_time());
}

TEST_CASE("an executor is one loop's until its workers have ended") {
  const aio::ProcessPoolExecutor pool(1);
  {
    aio::EventLoop loop;
    aio::EventLoop other;
    CHECK(loop.run_until_complete(loop.run_in_executor(pool, divide_there, 4, 2)) == 2);
    CHECK_THROWS_AS(static_cast<void>(other.run_in_executor(pool, divide_there, 4, 2)),
                    aio::RuntimeError);
    CHECK_THROWS_AS(other.run_until_complete(pool.join()), aio::RuntimeError);
  }
  aio::EventLoop third;
  CHECK(third.run_until_complete(third.run_in_executor(pool, divide_there, 4, 2)) == 2);
}

TEST_CASE("a process that cannot be started fails its call and nothing else") {
  if (!support::can_run_out_of_descriptors()) return;
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(1);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit none{3, limit.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  const auto future = loop.run_in_executor(pool, divide_there, 4, 2);
  setrlimit(RLIMIT_NOFILE, &limit);
  CHECK_THROWS_AS(loop.run_until_complete(future), std::system_error);
  CHECK(loop.run_until_complete(loop.run_in_executor(pool, divide_there, 4, 2)) == 2);
}

TEST_CASE("a process pool needs a worker, and is no default executor [E4]") {
  CHECK_THROWS_AS(aio::ProcessPoolExecutor(0), aio::ValueError);
  CHECK(aio::ProcessPoolExecutor().max_workers() >= 1);
  static_assert(!std::is_convertible_v<aio::ProcessPoolExecutor, aio::ThreadPoolExecutor>);
}
