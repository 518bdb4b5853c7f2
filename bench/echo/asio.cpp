#include <array>
#include <asio.hpp>
#include <cstdio>

namespace {

using asio::ip::tcp;

asio::awaitable<void> echo(tcp::socket socket) {
  socket.set_option(tcp::no_delay(true));
  std::array<char, 65'536> buffer;
  try {
    while (true) {
      const std::size_t count =
          co_await socket.async_read_some(asio::buffer(buffer), asio::use_awaitable);
      co_await asio::async_write(socket, asio::buffer(buffer.data(), count), asio::use_awaitable);
    }
  } catch (const asio::system_error&) {
  }
}

asio::awaitable<void> serve(tcp::acceptor acceptor) {
  while (true) {
    tcp::socket client = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), echo(std::move(client)), asio::detached);
  }
}

}  // namespace

int main() {
  asio::io_context loop(1);
  tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});
  std::printf("%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  asio::co_spawn(loop, serve(std::move(acceptor)), asio::detached);
  loop.run();
}
