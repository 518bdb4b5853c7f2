#include "primed/counts_text.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("counts text");

TEST_CASE("counts name every state that occurs, and where the other jobs are") {
  jobs::Counts counts;
  counts.accepted = 28;
  counts.succeeded = 1;
  counts.failed = 2;
  counts.timed_out = 3;
  counts.cancelled = 4;
  counts.interrupted = 5;
  counts.skipped = 6;
  counts.left = 7;
  counts.rejected = 8;
  CHECK(primed::to_text(counts, 2) ==
        "28 accepted: 1 succeeded, 2 failed, 3 timed out, 4 cancelled, 5 interrupted, 6 skipped, "
        "7 not ended, 2 under way; 8 lines rejected");
}

TEST_CASE("states that do not occur are left out of the counts, but success and failure") {
  CHECK(primed::to_text({}, 0) ==
        "0 accepted: 0 succeeded, 0 failed, 0 not ended, 0 under way; 0 lines rejected");
}
