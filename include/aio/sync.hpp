#pragma once

#include "aio/barrier.hpp"    // IWYU pragma: export
#include "aio/condition.hpp"  // IWYU pragma: export
#include "aio/event.hpp"      // IWYU pragma: export
#include "aio/held.hpp"       // IWYU pragma: export
#include "aio/lock.hpp"       // IWYU pragma: export
#include "aio/semaphore.hpp"  // IWYU pragma: export
