#include "jobs/output/run_record.hpp"

#include <sodium.h>
#include <unistd.h>

#include <array>

namespace jobs {

RunRecord make_run_record() {
  RunRecord record;
  std::array<unsigned char, 16> id{};
  randombytes_buf(id.data(), id.size());
  std::array<char, 2 * id.size() + 1> text{};
  record.run_id = sodium_bin2hex(text.data(), text.size(), id.data(), id.size());
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0) record.host = host.data();
  record.started_at = std::chrono::system_clock::now();
  return record;
}

}  // namespace jobs
