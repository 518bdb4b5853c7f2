#include <aio/aio.hpp>
#include <cstdio>

namespace {

aio::Coro<void> echo(aio::StreamReader reader, aio::StreamWriter writer) {
  while (true) {
    const std::string data = co_await reader.read(65'536);
    if (data.empty()) break;
    writer.write(data);
    co_await writer.drain();
  }
}

aio::Coro<void> serve() {
  aio::Server server = co_await aio::start_server(echo, "127.0.0.1", 0);
  std::printf("%d\n", server.sockets().front().port());
  std::fflush(stdout);
  co_await server.serve_forever();
}

}  // namespace

int main() { aio::run(serve()); }
