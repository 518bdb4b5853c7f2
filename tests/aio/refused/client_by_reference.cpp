#include "aio/server.hpp"

#ifdef REFUSED
aio::Coro<void> serve(aio::StreamReader& reader, aio::StreamWriter& writer) {
#else
aio::Coro<void> serve(aio::StreamReader reader, aio::StreamWriter writer) {
#endif
  writer.write(co_await reader.readline());
}

aio::Coro<aio::Server> start() { return aio::start_server(serve, "127.0.0.1", 0); }
