#include "aio/sleep.hpp"
#include "aio/streams/transport.hpp"

namespace aio {

namespace {

// A task that writes and drains in turn lets the loop in even when nothing can be written any more,
// or it would never be told why.
Coro<void> drain_state(std::shared_ptr<detail::WriterState> state) {
  detail::Transport& transport = *state->transport;
  if (state->reader) state->reader->throw_if_failed();
  if (transport.is_closing()) co_await sleep(0);
  if (transport.is_lost()) detail::throw_system_error(ECONNRESET, "Connection lost");
  if (!transport.is_writing_paused()) co_return;
  co_await transport.writable().wait();
  if (transport.exception()) std::rethrow_exception(transport.exception());
}

}  // namespace

const std::shared_ptr<detail::WriterState>& StreamWriter::state() const {
  detail::require(state_ != nullptr, "an empty StreamWriter was used");
  return state_;
}

void StreamWriter::write(std::string_view data) const { state()->transport->write(data); }

void StreamWriter::writelines(const std::vector<std::string>& lines) const {
  std::string all;
  for (const std::string& line : lines) all += line;
  write(all);
}

void StreamWriter::write_eof() const { state()->transport->write_eof(); }

Coro<void> StreamWriter::drain() const { return drain_state(state()); }

void StreamWriter::set_write_buffer_limits(std::size_t high) const {
  set_write_buffer_limits(high, high / 4);
}

void StreamWriter::set_write_buffer_limits(std::size_t high, std::size_t low) const {
  state()->transport->set_write_buffer_limits(high, low);
}

std::size_t StreamWriter::get_write_buffer_size() const {
  return state()->transport->write_buffer_size();
}

void StreamWriter::close() const { state()->transport->close(); }
void StreamWriter::abort() const { state()->transport->abort(); }
bool StreamWriter::is_closing() const { return state()->transport->is_closing(); }

Coro<void> StreamWriter::wait_closed() const {
  return detail::Transport::wait_lost(state()->transport);
}

Address StreamWriter::peername() const { return detail::to_address(state()->transport->remote()); }
Address StreamWriter::sockname() const { return detail::to_address(state()->transport->local()); }
int StreamWriter::fileno() const { return state()->transport->fd(); }

namespace detail {

std::pair<StreamReader, StreamWriter> start_streams(std::shared_ptr<Transport> transport,
                                                    std::size_t limit,
                                                    std::function<void(Transport&)> on_lost) {
  auto reader = std::make_shared<ReaderState>(limit);
  transport->start(reader, std::move(on_lost));
  auto writer = std::make_shared<WriterState>(std::move(transport), reader);
  return {StreamReader(std::move(reader)), StreamWriter(std::move(writer))};
}

}  // namespace detail
}  // namespace aio
