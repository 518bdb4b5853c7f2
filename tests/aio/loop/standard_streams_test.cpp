#include "aio/detail/standard_streams.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

namespace {

/// The exit code of a child that is forked off with only these standard streams, and calls `f`.
template <class F>
int exit_code_without(std::initializer_list<int> closed, const F& f) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int stream : closed) ::close(stream);
    ::_exit(f());
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("closed standard streams are filled, and stay of no use") {
  const int code = exit_code_without({0, 1, 2}, [] {
    aio::detail::fill_closed_streams();
    char byte = 0;
    for (int stream = 0; stream <= 2; ++stream) {
      if (!aio::detail::is_open(stream)) return 1;
    }
    if (::read(0, &byte, 1) != -1 || errno != EBADF) return 2;
    if (::write(1, &byte, 1) != -1 || errno != EBADF) return 3;
    if (::write(2, &byte, 1) != -1 || errno != EBADF) return 4;
    return ::dup(0) > 2 ? 0 : 5;
  });
  CHECK(code == 0);
}

TEST_CASE("standard streams that are open are left alone") {
  const int code = exit_code_without({1}, [] {
    const bool other_before = ::isatty(0) == 1;
    aio::detail::fill_closed_streams();
    char byte = 0;
    if ((::isatty(0) == 1) != other_before) return 1;
    if (::write(2, &byte, 0) != 0) return 2;
    return ::write(1, &byte, 1) == -1 ? 0 : 3;
  });
  CHECK(code == 0);
}
