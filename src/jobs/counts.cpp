#include "jobs/counts.hpp"

namespace jobs {

void Counts::add(State state) {
  switch (state) {
    case State::succeeded: ++succeeded; return;
    case State::failed: ++failed; return;
    case State::timed_out: ++timed_out; return;
    case State::cancelled: ++cancelled; return;
    case State::interrupted: ++interrupted; return;
    case State::skipped: ++skipped; return;
  }
}

Counts& Counts::operator+=(const Counts& other) {
  accepted += other.accepted;
  succeeded += other.succeeded;
  failed += other.failed;
  timed_out += other.timed_out;
  cancelled += other.cancelled;
  interrupted += other.interrupted;
  skipped += other.skipped;
  left += other.left;
  rejected += other.rejected;
  return *this;
}

}  // namespace jobs
