// A server that sends back what it is sent, line by line, and says what it does. Each client has a
// task of its own; one that is slow, or silent, keeps nobody waiting.
//
//     echo_server [PORT]    127.0.0.1, port 8888 unless told otherwise; 0: one that is free
//
// Ctrl-C ends it.

#include <csignal>
#include <cstdio>
#include <string>

#include "aio/aio.hpp"

aio::Coro<void> handle_echo(aio::StreamReader reader, aio::StreamWriter writer) {
  const std::string client = writer.peername().to_string();
  std::printf("%s connected.\n", client.c_str());
  while (true) {
    const std::string line = co_await reader.readline();
    if (line.empty()) break;
    std::printf("%s sent %zu bytes.\n", client.c_str(), line.size());
    writer.write(line);
    co_await writer.drain();
  }
  writer.close();
  co_await writer.wait_closed();
  std::printf("%s disconnected.\n", client.c_str());
}

aio::Coro<void> serve(int port) {
  const auto server = co_await aio::start_server(handle_echo, "127.0.0.1", port);
  auto stopped = aio::get_running_loop().create_future();
  aio::get_running_loop().add_signal_handler(SIGINT, [stopped] {
    if (!stopped.done()) stopped.set_result();
  });
  const std::string address = server.sockets().front().to_string();
  std::printf("Serving on %s. Press Ctrl-C to stop.\n", address.c_str());
  co_await stopped;

  server.close();
  server.close_clients();
  co_await server.wait_closed();
  std::printf("Stopped serving on %s.\n", address.c_str());
}

int main(int argc, char* argv[]) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    aio::run(serve, argc > 1 ? std::stoi(argv[1]) : 8888);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "There was a problem: %s\n", error.what());
    return 1;
  }
}
