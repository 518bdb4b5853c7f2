#include <algorithm>

#include "aio/streams/reader_state.hpp"

namespace aio {

namespace {

using State = std::shared_ptr<detail::ReaderState>;

/// Where a separator was found in the buffer.
struct Match {
  std::size_t start = std::string_view::npos;
  std::size_t end = std::string_view::npos;
};

/// The match that ends first; of two that end together the one of the shorter separator.
Match find_first(std::string_view data, const std::vector<std::string>& separators,
                 std::size_t from) {
  Match first;
  for (const std::string& separator : separators) {
    const std::size_t start = data.find(separator, from);
    if (start == std::string_view::npos || start + separator.size() >= first.end) continue;
    first = {start, start + separator.size()};
  }
  return first;
}

void sort_separators(std::vector<std::string>& separators) {
  if (separators.empty()) throw ValueError("Separator should contain at least one element");
  std::ranges::stable_sort(separators, {}, &std::string::size);
  if (separators.front().empty()) throw ValueError("Separator should be at least one-byte string");
}

// Searches on from where no separator can have begun before: the last bytes of the buffer, one
// fewer than the longest separator has, may be the beginning of one.
Coro<std::string> read_until(State state, std::vector<std::string> separators) {
  sort_separators(separators);
  state->throw_if_failed();
  const std::size_t longest = separators.back().size();
  std::size_t searched = 0;
  Match match;
  while (true) {
    match = find_first(state->data(), separators, searched);
    if (match.start != std::string_view::npos) break;
    const std::size_t size = state->data().size();
    searched = size + 1 > longest ? size + 1 - longest : 0;
    if (searched > state->limit()) {
      throw LimitOverrunError("Separator is not found, and chunk exceed the limit", searched);
    }
    if (state->is_ended()) throw IncompleteReadError(state->take_all(), 0);
    co_await state->wait_for_data("readuntil");
  }
  if (match.start > state->limit()) {
    throw LimitOverrunError("Separator is found, but chunk is longer than limit", match.start);
  }
  co_return state->take(match.end);
}

/// Drops a line that is too long, as far as it is there.
void drop_line(detail::ReaderState& state, std::size_t consumed) {
  const std::string_view rest = state.data().substr(consumed);
  state.take(rest.starts_with('\n') ? consumed + 1 : state.data().size());
}

Coro<std::string> read_line(State state) {
  try {
    co_return co_await read_until(state, std::vector<std::string>(1, "\n"));
  } catch (const IncompleteReadError& error) {
    co_return error.partial();
  } catch (const LimitOverrunError& error) {
    drop_line(*state, error.consumed());
    throw ValueError(error.what());
  }
}

Coro<std::string> read_exactly(State state, std::ptrdiff_t count) {
  if (count < 0) throw ValueError("readexactly size can not be less than zero");
  const auto n = static_cast<std::size_t>(count);
  state->throw_if_failed();
  while (state->data().size() < n) {
    if (state->is_ended()) throw IncompleteReadError(state->take_all(), n);
    co_await state->wait_for_data("readexactly");
  }
  co_return state->take(n);
}

Coro<std::string> read_some(State state, std::size_t n) {
  state->throw_if_failed();
  while (n > 0 && state->data().empty() && !state->is_ended()) {
    co_await state->wait_for_data("read");
  }
  co_return state->take(n);
}

/// Data that a read has taken out of the buffer; it goes back if the read is cancelled.
class Taken {
 public:
  explicit Taken(State state) : state_(std::move(state)) {}
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;
  ~Taken() {
    if (!data_.empty()) state_->put_back(data_);
  }

  void take_all() { data_ += state_->take_all(); }
  std::string release() { return std::exchange(data_, {}); }

 private:
  State state_;
  std::string data_;
};

// Takes all data that is there each time, or the reader would be paused for ever.
Coro<std::string> read_to_end(State state) {
  state->throw_if_failed();
  Taken taken(state);
  while (true) {
    taken.take_all();
    if (state->is_ended()) break;
    co_await state->wait_for_data("read");
    state->throw_if_failed();
  }
  co_return taken.release();
}

std::string describe_incomplete(std::size_t partial, std::size_t expected) {
  return std::to_string(partial) + " bytes read on a total of " +
         (expected == 0 ? "undefined" : std::to_string(expected)) + " expected bytes";
}

}  // namespace

IncompleteReadError::IncompleteReadError(std::string partial, std::size_t expected)
    : std::runtime_error(describe_incomplete(partial.size(), expected)),
      partial_(std::move(partial)),
      expected_(expected) {}

StreamReader::StreamReader(std::size_t limit)
    : state_(std::make_shared<detail::ReaderState>(limit)) {}

const std::shared_ptr<detail::ReaderState>& StreamReader::state() const {
  detail::require(state_ != nullptr, "an empty StreamReader was used");
  return state_;
}

Coro<std::string> StreamReader::read(std::ptrdiff_t n) const {
  return n < 0 ? read_to_end(state()) : read_some(state(), static_cast<std::size_t>(n));
}

Coro<std::string> StreamReader::readexactly(std::ptrdiff_t n) const {
  return read_exactly(state(), n);
}

Coro<std::string> StreamReader::readline() const { return read_line(state()); }

Coro<std::string> StreamReader::readuntil(std::string separator) const {
  return read_until(state(), std::vector<std::string>(1, separator));
}

Coro<std::string> StreamReader::readuntil(std::vector<std::string> separators) const {
  return read_until(state(), std::move(separators));
}

bool StreamReader::at_eof() const { return state()->at_eof(); }
std::exception_ptr StreamReader::exception() const { return state()->exception(); }
void StreamReader::feed_data(std::string_view data) const { state()->feed_data(data); }
void StreamReader::feed_eof() const { state()->feed_eof(); }
void StreamReader::set_exception(std::exception_ptr exception) const {
  state()->set_exception(std::move(exception));
}

}  // namespace aio
