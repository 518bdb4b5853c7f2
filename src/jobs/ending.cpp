#include "jobs/ending.hpp"

namespace jobs {

std::string_view to_string(State state) {
  switch (state) {
    case State::succeeded: return "succeeded";
    case State::failed: return "failed";
    case State::timed_out: return "timed_out";
    case State::cancelled: return "cancelled";
    case State::interrupted: return "interrupted";
    case State::skipped: return "skipped";
  }
  return "unknown";
}

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_job: return "invalid_job";
    case ErrorCode::duplicate_id: return "duplicate_id";
    case ErrorCode::line_too_long: return "line_too_long";
    case ErrorCode::numbers_unreadable: return "numbers_unreadable";
    case ErrorCode::invalid_number: return "invalid_number";
    case ErrorCode::shutdown: return "shutdown";
    case ErrorCode::internal: return "internal";
  }
  return "unknown";
}

}  // namespace jobs
