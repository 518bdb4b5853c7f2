#include "reader_state.hpp"

namespace aio::detail {

namespace {

/// Data of this size is handed on with the room that it is in. A little is copied, so that neither
/// needs new room: what all connections that became readable at once need together is more than an
/// allocator has at hand.
constexpr std::size_t swap_min = 4096;

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
  const std::string_view all = data();
  if (start_ == 0 && n >= all.size() && all.size() >= swap_min &&
      all.size() >= buffer_.capacity() / 2) {
    std::string taken;
    taken.swap(buffer_);  // its room goes along, so not if it has much of that
    resume_if_low();
    return taken;
  }
  std::string taken(all.substr(0, n));
  start_ += taken.size();
  // What was read goes once it is the larger part: so each byte is moved once on average.
  if (start_ >= buffer_.size() - start_) {
    buffer_.erase(0, start_);
    start_ = 0;
  }
  resume_if_low();
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
  throw_if_failed();      // nothing comes any more
  if (paused_) resume();  // else who wants more than the buffer holds waits for ever
  failed_while_waiting_ = false;
  return MoreData(*this);
}

}  // namespace aio::detail
