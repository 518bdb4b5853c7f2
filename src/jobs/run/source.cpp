#include "jobs/run/source.hpp"

namespace jobs {

aio::Coro<std::optional<Chunk>> Source::next() { co_return std::optional<Chunk>(); }

}  // namespace jobs
