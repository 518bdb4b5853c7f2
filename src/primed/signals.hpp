#pragma once

#include <functional>

#include "aio/aio.hpp"
#include "primed/exit_code.hpp"

namespace primed {

/// The signals that the program obeys: SIGTERM, SIGINT, SIGHUP, SIGUSR1 and SIGUSR2. They belong to
/// the process, and so does what is here. Once caught they stay so until the process is gone: none
/// of them ends it by default, however early or late it comes, but by `die_of`.
///
/// A handler of libuv would not do: it goes with its loop, and there is a moment before the process
/// is gone.

/// Catches them; those that come before anybody listens are kept. Throws std::system_error.
void catch_signals();

/// Has `handler` called with the number of each signal, on `loop`, until that is closed.
void listen_to_signals(aio::EventLoop& loop, std::function<void(int)> handler);

/// To be called when all that the program had to do is done: SIGTERM, SIGINT and SIGHUP end it at
/// once with `code`, whatever it is waiting for; the others do nothing any more.
void exit_at_next_signal(ExitCode code);

/// Ends the process as `signal` does by default; as process 1 of a container, whom no signal ends
/// by default, with the code that a shell would report.
[[noreturn]] void die_of(int signal);

}  // namespace primed
