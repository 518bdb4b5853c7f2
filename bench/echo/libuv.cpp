#include <uv.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>

// A bare server as one writes it: a buffer that all share, and a write that is tried at once.

namespace {

struct Write {
  uv_write_t request;
  std::string data;
};

void lend_buffer(uv_handle_t*, std::size_t, uv_buf_t* buffer) {
  static std::array<char, 65'536> bytes;
  *buffer = uv_buf_init(bytes.data(), bytes.size());
}

void close(uv_stream_t* stream) {
  uv_close(reinterpret_cast<uv_handle_t*>(stream), [](uv_handle_t* handle) {
    const std::unique_ptr<uv_tcp_t> closed(reinterpret_cast<uv_tcp_t*>(handle));
  });
}

void write_rest(uv_stream_t* stream, std::string data) {
  auto write = std::make_unique<Write>();
  write->data = std::move(data);
  write->request.data = write.get();
  uv_buf_t buffer = uv_buf_init(write->data.data(), static_cast<unsigned>(write->data.size()));
  uv_write(&write.release()->request, stream, &buffer, 1, [](uv_write_t* request, int) {
    const std::unique_ptr<Write> ended(static_cast<Write*>(request->data));
  });
}

void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  if (count < 0) return close(stream);
  uv_buf_t data = uv_buf_init(buffer->base, static_cast<unsigned>(count));
  const int written = std::max(uv_try_write(stream, &data, 1), 0);
  if (written < count) write_rest(stream, std::string(data.base + written, data.base + count));
}

void on_connection(uv_stream_t* server, int) {
  auto client = std::make_unique<uv_tcp_t>();
  uv_tcp_init(server->loop, client.get());
  auto* const stream = reinterpret_cast<uv_stream_t*>(client.get());
  if (uv_accept(server, stream) != 0) return;
  uv_tcp_nodelay(client.release(), 1);
  uv_read_start(stream, lend_buffer, on_read);
}

}  // namespace

int main() {
  uv_loop_t* const loop = uv_default_loop();
  uv_tcp_t server;
  uv_tcp_init(loop, &server);
  sockaddr_in address{};
  uv_ip4_addr("127.0.0.1", 0, &address);
  uv_tcp_bind(&server, reinterpret_cast<const sockaddr*>(&address), 0);
  if (uv_listen(reinterpret_cast<uv_stream_t*>(&server), 128, on_connection) != 0) return 1;
  int size = sizeof address;
  uv_tcp_getsockname(&server, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  uv_run(loop, UV_RUN_DEFAULT);
}
