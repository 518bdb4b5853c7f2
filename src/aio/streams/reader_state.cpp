#include "aio/streams/reader_state.hpp"

#include <utility>

namespace aio::detail {

namespace {

/// From this size on, data is handed on with the room that it is in. Less is copied: the buffer
/// keeps its room, and the copy's is free again before the next connection's turn. If it went
/// along, all connections that are readable at once would need new room together, more than an
/// allocator has at hand.
constexpr std::size_t give_min = 4096;

/// The room that an empty buffer keeps at most.
constexpr std::size_t kept_max = 16'384;

}  // namespace

ReaderState::ReaderState(std::size_t limit) : limit_(limit) {
  if (limit == 0) throw ValueError("Limit cannot be <= 0");
}

void ReaderState::feed_data(std::string_view data) {
  require(!ended_, "feed_data() after feed_eof()");
  if (data.empty()) return;
  buffer_.append(data);
  more_.wake_all();
  const std::size_t size = this->data().size();
  if (source_ && !paused_ && size > limit_ && size - limit_ > limit_) {
    source_->pause_reading();
    paused_ = true;
  }
}

void ReaderState::feed_eof() noexcept {
  ended_ = true;
  more_.wake_all();
}

void ReaderState::set_exception(std::exception_ptr exception) noexcept {
  exception_ = std::move(exception);
  failed_while_waiting_ = more_.is_awaited();
  more_.wake_all();
}

void ReaderState::throw_if_failed() const {
  if (exception_) std::rethrow_exception(exception_);
}

std::string ReaderState::take(std::size_t n) {
  std::string taken = may_give_buffer(n) ? std::exchange(buffer_, {}) : copy_out(n);
  resume_if_low();
  return taken;
}

// Not if it has much more room than the data needs: whoever takes that keeps it.
bool ReaderState::may_give_buffer(std::size_t n) const {
  return start_ == 0 && n >= buffer_.size() && buffer_.size() >= give_min &&
         buffer_.size() >= buffer_.capacity() / 2;
}

std::string ReaderState::copy_out(std::size_t n) {
  std::string taken(data().substr(0, n));
  start_ += taken.size();
  // Bytes that were read go once they are the larger part: so each byte is moved once on average.
  if (start_ >= buffer_.size() - start_) {
    buffer_.erase(0, start_);
    start_ = 0;
  }
  if (buffer_.empty() && buffer_.capacity() > kept_max) std::string().swap(buffer_);
  return taken;
}

void ReaderState::put_back(std::string_view taken) {
  buffer_.replace(0, start_, taken);
  start_ = 0;
}

void ReaderState::resume_if_low() noexcept {
  if (paused_ && data().size() <= limit_) resume();
}

void ReaderState::resume() noexcept {
  paused_ = false;
  if (source_) source_->resume_reading();
}

ReaderState::MoreData ReaderState::wait_for_data(const char* who) {
  if (more_.is_awaited()) {
    throw RuntimeError(std::string(who) +
                       "() called while another coroutine is already waiting for incoming data");
  }
  if (paused_) resume();  // else who wants more than the buffer holds waits for ever
  throw_if_failed();      // nothing comes any more
  failed_while_waiting_ = false;
  return MoreData(*this);
}

}  // namespace aio::detail
