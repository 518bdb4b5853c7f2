#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aio/core/wakeup.hpp"
#include "aio/stream.hpp"

namespace aio::detail {

/// The source of a reader's data, which can be told to pause.
class ReadingSource {
 public:
  virtual void pause_reading() noexcept = 0;
  virtual void resume_reading() noexcept = 0;

 protected:
  ~ReadingSource() = default;
};

/// The state that all copies of a StreamReader share: the data that has come and was not read.
class ReaderState {
 public:
  explicit ReaderState(std::size_t limit);

  void attach(ReadingSource* source) { source_ = source; }
  void feed_data(std::string_view data);
  void feed_eof() noexcept;
  void set_exception(std::exception_ptr exception) noexcept;

  std::string_view data() const { return std::string_view(buffer_).substr(start_); }
  bool is_ended() const { return ended_; }
  bool at_eof() const { return ended_ && data().empty(); }
  const std::exception_ptr& exception() const { return exception_; }
  std::size_t limit() const { return limit_; }
  void throw_if_failed() const;

  /// Takes the first `n` bytes, or all if there are fewer.
  std::string take(std::size_t n);
  std::string take_all() { return take(data().size()); }
  /// Puts back data that was taken.
  void put_back(std::string_view taken);

  class MoreData;
  /// Resumes when more data has come, or the end. Throws RuntimeError, which names `who`, if
  /// another task waits already, and the stream's error if it fails meanwhile. The caller keeps the
  /// reader alive while it waits.
  MoreData wait_for_data(const char* who);

 private:
  class MoreDataAwaiter;

  bool may_give_buffer(std::size_t n) const;
  std::string copy_out(std::size_t n);
  void resume_if_low() noexcept;
  void resume() noexcept;

  const std::size_t limit_;
  std::string buffer_;
  std::size_t start_ = 0;  // before it, the buffer was read
  ReadingSource* source_ = nullptr;
  bool paused_ = false;
  bool ended_ = false;
  bool failed_while_waiting_ = false;
  std::exception_ptr exception_;
  Wakeup more_;
};

/// The awaitable of `wait_for_data`, to be awaited at once.
class ReaderState::MoreData {
 public:
  explicit MoreData(ReaderState& reader) : reader_(&reader) {}
  auto operator co_await() &&;

 private:
  ReaderState* reader_;
};

class ReaderState::MoreDataAwaiter final : public WakeupAwaiter {
 public:
  explicit MoreDataAwaiter(ReaderState& reader) : WakeupAwaiter(reader.more_), reader_(reader) {}

  void await_resume() {
    WakeupAwaiter::await_resume();
    if (reader_.failed_while_waiting_) reader_.throw_if_failed();
  }

 private:
  ReaderState& reader_;
};

inline auto ReaderState::MoreData::operator co_await() && { return MoreDataAwaiter(*reader_); }

}  // namespace aio::detail
