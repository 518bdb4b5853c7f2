#pragma once

namespace aio::detail {

/// Whether `descriptor` is one of this process's.
bool is_open(int descriptor) noexcept;

/// Opens those of standard input, output and error that were closed when the program started, or
/// else the next files that it opens would get their places, and what is printed would go there.
/// Each is opened on /dev/null the wrong way round: to use it fails, as before. For the first line
/// of `main`, before there are other threads.
void fill_closed_streams() noexcept;

}  // namespace aio::detail
