#include <doctest/doctest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "support/streams.hpp"
#include "support/temporary_folder.hpp"

// Clients and servers that connect, read, write, close and hang up at random, and are cancelled at
// random. Whatever happens, everyone ends, and nothing is left open; a sanitizer sees the rest.

using namespace std::chrono_literals;
using aio::Coro;
using aio::StreamReader;
using aio::StreamWriter;
using support::Streams;

namespace {

constexpr int cancels = 3'000;

/// From AIO_TEST_SEED, to try another; else always the same.
unsigned choose_seed() {
  const char* const given = std::getenv("AIO_TEST_SEED");
  return given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : 20'261'122U;
}

class Storm {
 public:
  Storm(unsigned seed, std::string unix_path) : path(std::move(unix_path)), random_(seed) {}

  int below(int end) { return std::uniform_int_distribution(0, end - 1)(random_); }
  std::size_t size() {
    return static_cast<std::size_t>(below(8) == 0 ? below(400'000) : below(99));
  }

  const std::string path;
  bool is_stubborn = true;  // some swallow a cancellation and go on
  int port = 0;
  int connections = 0;
  int cancelled = 0;
  int failures = 0;
  std::size_t bytes_read = 0;

 private:
  std::mt19937 random_;
};

Coro<std::string> read_somehow(Storm& storm, StreamReader reader) {
  switch (storm.below(4)) {
    case 0: return reader.read(storm.below(5'000));
    case 1: return reader.readexactly(storm.below(500));
    case 2: return reader.readuntil("x");
    default: return reader.readline();
  }
}

void write_somehow(Storm& storm, const StreamWriter& writer) {
  std::string text(storm.size(), 'x');
  if (storm.below(2) == 0) text += '\n';
  writer.write(text);
}

Coro<void> one_step(Storm& storm, StreamReader reader, StreamWriter writer) {
  switch (storm.below(12)) {
    case 0: writer.close(); break;
    case 1: writer.abort(); break;
    case 2: writer.write_eof(); break;
    case 3: co_await aio::sleep(storm.below(2) * 1ms); break;
    case 4:
    case 5:
    case 6: storm.bytes_read += (co_await read_somehow(storm, reader)).size(); break;
    default: write_somehow(storm, writer); co_await writer.drain();
  }
}

/// Steps until something fails.
Coro<void> converse(Storm& storm, StreamReader reader, StreamWriter writer) {
  ++storm.connections;
  for (int steps = 2 + storm.below(10); steps > 0; --steps) {
    try {
      co_await one_step(storm, reader, writer);
    } catch (const aio::CancelledError&) {
      ++storm.cancelled;
      if (!storm.is_stubborn || storm.below(3) != 0) throw;
    } catch (const std::exception&) {
      ++storm.failures;  // the peer has gone, or sent too long a line, or we write after the end
      if (storm.below(2) == 0) co_return;
    }
  }
  if (storm.below(3) == 0) {
    writer.abort();
    static_cast<void>(co_await support::outcome_of(writer.wait_closed()));
  }
}

Coro<Streams> connect_somehow(Storm& storm) {
  switch (storm.below(9)) {
    case 0: return aio::open_connection("localhost", storm.port);
    case 1:
    case 2:
    case 3: return aio::open_unix_connection(storm.path);
    default: return aio::open_connection("127.0.0.1", storm.port);
  }
}

Coro<void> client(Storm& storm) {
  try {
    const Streams streams = co_await connect_somehow(storm);
    co_await converse(storm, streams.first, streams.second);
  } catch (const aio::CancelledError&) {
    ++storm.cancelled;
    throw;
  } catch (const std::exception&) {
    ++storm.failures;
  }
}

Coro<void> cancel_at_random(Storm& storm) {
  int left = cancels;
  while (left > 0) {
    const auto tasks = aio::all_tasks();
    if (tasks.size() < 60) {
      for (int i = 0; i < 20; ++i) static_cast<void>(aio::create_task(client(storm)));
    }
    const auto count = static_cast<int>(tasks.size());
    const auto& victim = tasks[static_cast<std::size_t>(storm.below(count))];
    if (victim != aio::current_task()) {
      victim.cancel();
      --left;
    }
    if (storm.below(2) == 0) co_await aio::sleep(storm.below(10) == 0 ? 1ms : 0ms);
  }
}

Coro<void> end_all_others() {
  while (aio::all_tasks().size() > 1) {
    for (const aio::AnyTask& task : aio::all_tasks()) {
      if (task != aio::current_task()) task.cancel();
    }
    co_await aio::sleep(1ms);
  }
}

Coro<void> storm_over(Storm& storm) {
  const auto serve = [&storm](StreamReader reader, StreamWriter writer) {
    return converse(storm, std::move(reader), std::move(writer));
  };
  aio::ServerOptions options;
  options.limit(1'000);
  const auto tcp = co_await aio::start_server(serve, "127.0.0.1", 0, options);
  const auto unix_server = co_await aio::start_unix_server(serve, storm.path, options);
  storm.port = tcp.sockets().front().port();
  co_await cancel_at_random(storm);
  tcp.close();
  unix_server.close();
  co_await end_all_others();
  tcp.abort_clients();  // what was closed with data for a peer that has not read it
  unix_server.abort_clients();
  co_await tcp.wait_closed();
  co_await unix_server.wait_closed();
}

}  // namespace

TEST_CASE("after thousands of random cancellations every connection has ended") {
  const unsigned seed = choose_seed();
  INFO("AIO_TEST_SEED=" << seed);
  const support::TemporaryFolder folder;
  Storm storm(seed, (folder.path() / "socket").string());
  const auto open = support::count_descriptors();
  {
    aio::EventLoop loop;
    const support::Reports reports(loop);
    loop.run_until_complete(storm_over(storm));
    CHECK(aio::all_tasks(loop).empty());
    CHECK(reports.messages.empty());
  }
  CHECK(support::count_descriptors() == open);
  CHECK(storm.connections > 200);
  CHECK(storm.cancelled > 500);
  CHECK(storm.bytes_read > 1'000);
}

TEST_CASE("a loop that is closed in the middle of a storm ends all connections") {
  const unsigned seed = choose_seed();
  INFO("AIO_TEST_SEED=" << seed);
  const support::TemporaryFolder folder;
  Storm storm(seed, (folder.path() / "socket").string());
  storm.is_stubborn = false;  // a loop asks once, and waits for what its tasks still do
  const auto open = support::count_descriptors();
  {
    aio::EventLoop loop;
    loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
    const auto task = loop.create_task(storm_over(storm));
    while (storm.connections < 50) {
      loop.call_later(1ms, [&loop] { loop.stop(); });
      loop.run_forever();
    }
    loop.close();
    CHECK(task.done());
  }
  CHECK(support::count_descriptors() == open);
}
