// Sends lines to the echo server and prints what comes back.
//
//     echo_client [PORT [LINE]…]    127.0.0.1, port 8888 and "Hello, world!" unless told otherwise

#include <cstdio>
#include <string>
#include <vector>

#include "aio/aio.hpp"

aio::Coro<void> send_lines(int port, std::vector<std::string> lines) {
  const auto [reader, writer] = co_await aio::open_connection("127.0.0.1", port);
  std::printf("Connected to %s.\n", writer.peername().to_string().c_str());
  for (const std::string& line : lines) {
    std::printf("Send: %s\n", line.c_str());
    writer.write(line + "\n");
    co_await writer.drain();
    const std::string answer = co_await reader.readline();
    std::printf("Received: %s", answer.c_str());
  }
  writer.close();
  co_await writer.wait_closed();
  std::printf("Closed the connection.\n");
}

int main(int argc, char* argv[]) {
  std::vector<std::string> lines(argv + (argc > 2 ? 2 : argc), argv + argc);
  if (lines.empty()) lines.emplace_back("Hello, world!");
  try {
    aio::run(send_lines, argc > 1 ? std::stoi(argv[1]) : 8888, lines);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "There was a problem: %s\n", error.what());
    return 1;
  }
}
