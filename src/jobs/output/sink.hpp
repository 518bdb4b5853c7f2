#pragma once

#include <string>
#include <string_view>

#include "aio/aio.hpp"

namespace jobs {

/// A place that records go to: the results file, standard output, or another follower. It
/// takes whole lines in the order in which they are to be told, and never waits in that; where it
/// cannot keep up it says so, and producers wait. On the loop's thread.
class Sink {
 public:
  virtual ~Sink() = default;

  /// Adds whole lines.
  virtual void write(std::string_view lines) = 0;

  /// The same, without a copy if they are many. Returns memory to be used again: empty but for its
  /// capacity, if it has any.
  virtual std::string take(std::string lines) = 0;

  /// Whether producers should wait.
  virtual bool is_congested() const = 0;

  /// Resumes when it is not congested, or takes nothing any more. Producers go on in the order
  /// of their coming, as many at a time as there is room for.
  virtual aio::Coro<void> ready() = 0;
};

}  // namespace jobs
