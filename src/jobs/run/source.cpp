#include "jobs/run/source.hpp"

namespace jobs {

aio::Coro<std::optional<Chunk>> Source::next() { co_return std::optional<Chunk>(); }

aio::Coro<std::optional<Chunk>> LineSource::next() {
  try {
    co_return co_await lines_.next();
  } catch (const std::system_error& error) {
    throw SourceError(error.code(), "cannot read the lines of a list");
  }
}

}  // namespace jobs
