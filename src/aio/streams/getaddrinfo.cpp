#include <netdb.h>
#include <uv.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "aio/core/wakeup.hpp"
#include "aio/loop/loop_core.hpp"
#include "aio/streams/socket_address.hpp"
#include "aio/threads/pool.hpp"

namespace aio {

namespace detail {

namespace {

/// A question to the resolver, which a thread of libuv's pool puts. The coroutine that asks owns
/// one reference, and until it is answered the loop another. A borrowed loop does not wait for it.
class Lookup final : public OutsideWork {
 public:
  explicit Lookup(LoopCore& core) : core_(core) { request.data = this; }

  Claim claim() const override { return Claim::time; }

  /// Throws std::system_error if libuv does not take the question.
  void start(const std::string& host, const std::string& service, const addrinfo& hints) {
    const char* const node = host.empty() ? nullptr : host.c_str();
    throw_if_uv_error(
        uv_getaddrinfo(core_->poller.uv(), &request, on_answer, node, service.c_str(), &hints),
        ("cannot resolve " + host).c_str());
    core_->outside.add(*this);
  }

  uv_getaddrinfo_t request{};
  Wakeup answered;
  std::optional<int> status;
  std::vector<Address> addresses;

 private:
  static void on_answer(uv_getaddrinfo_t* uv, int status, addrinfo* found);

  Ref<LoopCore> core_;
};

void Lookup::on_answer(uv_getaddrinfo_t* uv, int status, addrinfo* found) {
  const Ref<Lookup> lookup(*static_cast<Lookup*>(uv->data));
  lookup->core_->outside.remove(*lookup);
  lookup->status = status;
  for (const addrinfo* info = found; info; info = info->ai_next) {
    const Address address = to_address(info->ai_addr, info->ai_addrlen);
    const bool is_known = std::ranges::count(lookup->addresses, address) > 0;
    if (!address.host().empty() && !is_known) lookup->addresses.push_back(address);
  }
  uv_freeaddrinfo(found);
  lookup->answered.wake_all();
}

/// Withdraws the question if its answer is no longer waited for.
class LookupGuard {
 public:
  explicit LookupGuard(Ref<Lookup> lookup) : lookup_(std::move(lookup)) {}
  LookupGuard(const LookupGuard&) = delete;
  LookupGuard& operator=(const LookupGuard&) = delete;
  ~LookupGuard() {
    if (!lookup_->status) uv_cancel(reinterpret_cast<uv_req_t*>(&lookup_->request));
  }

 private:
  Ref<Lookup> lookup_;
};

addrinfo make_hints(AddressFamily family, bool passive) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = passive ? AI_PASSIVE : 0;
  if (family == AddressFamily::ipv4) hints.ai_family = AF_INET;
  if (family == AddressFamily::ipv6) hints.ai_family = AF_INET6;
  return hints;
}

/// A numeric address with a numeric port needs no resolver, and no thread.
std::optional<Address> numeric_address(const std::string& host, const std::string& service,
                                       AddressFamily family) {
  const bool is_number = !service.empty() && service.size() <= 5 &&
                         std::ranges::all_of(service, [](char c) { return c >= '0' && c <= '9'; });
  if (family != AddressFamily::any || !is_number || !is_numeric(host)) return std::nullopt;
  const int port = std::stoi(service);
  require_port(port);
  return to_address(to_socket_address(Address(host, port)));
}

}  // namespace

Coro<std::vector<Address>> resolve(std::string host, std::string service, AddressFamily family,
                                   bool passive) {
  LoopCore& core = running_core();
  if (auto address = numeric_address(host, service, family)) {
    co_return std::vector<Address>(1, *address);
  }
  pool::start();
  auto lookup = make_ref<Lookup>(core);
  const addrinfo hints = make_hints(family, passive);
  lookup->start(host, service, hints);
  const LookupGuard guard(lookup);
  co_await lookup->answered.wait();
  throw_if_uv_error(*lookup->status, ("cannot resolve " + host).c_str());
  co_return std::move(lookup->addresses);
}

}  // namespace detail

Coro<std::vector<Address>> getaddrinfo(std::string host, std::string service,
                                       AddressFamily family) {
  return detail::resolve(std::move(host), std::move(service), family, false);
}

Coro<std::vector<Address>> getaddrinfo(std::string host, int port, AddressFamily family) {
  detail::require_port(port);
  return detail::resolve(std::move(host), std::to_string(port), family, false);
}

}  // namespace aio
