#pragma once

#include "aio/address.hpp"     // IWYU pragma: export
#include "aio/coro.hpp"        // IWYU pragma: export
#include "aio/error.hpp"       // IWYU pragma: export
#include "aio/event_loop.hpp"  // IWYU pragma: export
#include "aio/executor.hpp"    // IWYU pragma: export
#include "aio/future.hpp"      // IWYU pragma: export
#include "aio/gather.hpp"      // IWYU pragma: export
#include "aio/handle.hpp"      // IWYU pragma: export
#include "aio/run.hpp"         // IWYU pragma: export
#include "aio/server.hpp"      // IWYU pragma: export
#include "aio/sleep.hpp"       // IWYU pragma: export
#include "aio/stream.hpp"      // IWYU pragma: export
#include "aio/subprocess.hpp"  // IWYU pragma: export
#include "aio/task.hpp"        // IWYU pragma: export
#include "aio/time.hpp"        // IWYU pragma: export
#include "aio/wait.hpp"        // IWYU pragma: export
#include "aio/with.hpp"        // IWYU pragma: export
