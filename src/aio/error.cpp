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
