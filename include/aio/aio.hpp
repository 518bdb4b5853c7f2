#pragma once

#include "aio/coro.hpp"                   // IWYU pragma: export
#include "aio/error.hpp"                  // IWYU pragma: export
#include "aio/event_loop.hpp"             // IWYU pragma: export
#include "aio/executor.hpp"               // IWYU pragma: export
#include "aio/future.hpp"                 // IWYU pragma: export
#include "aio/gather.hpp"                 // IWYU pragma: export
#include "aio/handle.hpp"                 // IWYU pragma: export
#include "aio/pool_options.hpp"           // IWYU pragma: export
#include "aio/process_function.hpp"       // IWYU pragma: export
#include "aio/process_pool_executor.hpp"  // IWYU pragma: export
#include "aio/run.hpp"                    // IWYU pragma: export
#include "aio/serializer.hpp"             // IWYU pragma: export
#include "aio/sleep.hpp"                  // IWYU pragma: export
#include "aio/task.hpp"                   // IWYU pragma: export
#include "aio/threadsafe.hpp"             // IWYU pragma: export
#include "aio/time.hpp"                   // IWYU pragma: export
#include "aio/to_thread.hpp"              // IWYU pragma: export
#include "aio/wait.hpp"                   // IWYU pragma: export
#include "aio/with.hpp"                   // IWYU pragma: export
