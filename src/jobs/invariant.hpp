#pragma once

#include <stdexcept>
#include <string>

namespace jobs {

/// Two places of the program that should agree do not. The run that finds it ends, with the records
/// that it has.
class BrokenInvariant : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws BrokenInvariant unless `holds`. In every build: a count that is wrong is not to be told.
inline void require(bool holds, const char* what) {
  if (!holds) throw BrokenInvariant(std::string("broken invariant: ") + what);
}

}  // namespace jobs
