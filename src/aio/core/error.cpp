#include "aio/error.hpp"

#include <uv.h>

#include <cstdio>
#include <cstdlib>

namespace aio {

namespace {

class UvCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "uv"; }
  std::string message(int code) const override { return uv_strerror(code); }
  std::error_condition default_error_condition(int code) const noexcept override {
    // libuv's codes are the negated errno where the system has one, and lie below -3000 elsewhere.
    if (code < 0 && code > -3000) return {-code, std::generic_category()};
    return {code, *this};
  }
};

}  // namespace

struct CancelledError::Origin {
  std::string message;
  std::string cancelled_by;
  TimePoint when;
};

CancelledError::CancelledError(std::string message, std::string cancelled_by, TimePoint when)
    : origin_(std::make_shared<const Origin>(
          Origin{std::move(message), std::move(cancelled_by), when})) {}

const std::string& CancelledError::message() const {
  static const std::string none;
  return origin_ ? origin_->message : none;
}

const std::string& CancelledError::cancelled_by() const {
  static const std::string none;
  return origin_ ? origin_->cancelled_by : none;
}

CancelledError::TimePoint CancelledError::when() const {
  return origin_ ? origin_->when : TimePoint();
}

std::string CancelledError::describe() const {
  std::string text = "cancelled";
  if (!cancelled_by().empty()) text += " by '" + cancelled_by() + "'";
  if (!message().empty()) text += ": " + message();
  return text;
}

const std::error_category& uv_category() noexcept {
  static const UvCategory category;
  return category;
}

namespace detail {

void throw_if_uv_error(int status, const char* doing) {
  if (status < 0) throw std::system_error(status, uv_category(), doing);
}

void die(const char* what) noexcept {
  std::fprintf(stderr, "aio: %s\n", what);
  std::abort();
}

}  // namespace detail
}  // namespace aio
