#include "primed/progress.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace primed {

namespace {

constexpr auto update_interval = std::chrono::milliseconds(200);

class ClearAtEnd {
 public:
  explicit ClearAtEnd(Messages& messages) : messages_(messages) {}
  ClearAtEnd(const ClearAtEnd&) = delete;
  ClearAtEnd& operator=(const ClearAtEnd&) = delete;
  ~ClearAtEnd() { messages_.clear_status(); }

 private:
  Messages& messages_;
};

std::string format(const char* pattern, double value) {
  char text[32];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

/// `850/s`, `12.3k/s`: three digits or so, whatever the size.
std::string format_rate(double rate) {
  if (rate >= 1e6) return format("%.1fM/s", rate / 1e6);
  if (rate >= 1e4) return format("%.1fk/s", rate / 1e3);
  return format(rate < 10 ? "%.1f/s" : "%.0f/s", rate);
}

std::string format_time_left(double seconds) {
  if (seconds >= 3600) return format("%.1f h left", seconds / 3600);
  if (seconds >= 60) return format("%.1f min left", seconds / 60);
  return format("%.0f s left", seconds);
}

}  // namespace

std::string ProgressLine::to_string() const {
  std::string line = std::to_string(done);
  if (all) line += " of " + std::to_string(*all);
  line += " done";
  const double seconds = std::chrono::duration<double>(elapsed).count();
  if (done == 0 || seconds <= 0) return line;
  const double rate = static_cast<double>(done) / seconds;
  line += ", " + format_rate(rate);
  if (all && *all > done) line += ", " + format_time_left(static_cast<double>(*all - done) / rate);
  return line;
}

bool can_show_progress() {
  const char* const terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && terminal && std::strcmp(terminal, "dumb") != 0;
}

aio::Coro<void> show_progress(Messages& messages, const jobs::Run& run,
                              std::optional<std::uint64_t> all) {
  const ClearAtEnd clear_at_end(messages);
  const aio::TimePoint start = aio::Clock::now();
  for (;;) {
    co_await aio::sleep(update_interval);
    const jobs::Counts counts = run.counts();
    const ProgressLine line{counts.accepted - counts.left, all, aio::Clock::now() - start};
    messages.show_status(line.to_string());
  }
}

}  // namespace primed
