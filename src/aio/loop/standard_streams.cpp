#include "aio/detail/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace aio::detail {

bool is_open(int descriptor) noexcept { return ::fcntl(descriptor, F_GETFD) >= 0; }

// The least number that is free is the one that a file gets.
void fill_closed_streams() noexcept {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (is_open(stream)) continue;
    static_cast<void>(::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
}

}  // namespace aio::detail
