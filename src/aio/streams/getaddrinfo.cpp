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

/// What the one who asks and libuv's request share.
struct Lookup {
  Wakeup answered;
  std::optional<int> status;
  std::vector<Address> addresses;
};

struct LookupRequest {
  uv_getaddrinfo_t request;
  std::shared_ptr<Lookup> lookup;
  Ref<LoopCore> core;  // a borrowed loop does not wait for it
};

/// Withdraws the request if nobody waits for its answer any more.
class LookupGuard {
 public:
  LookupGuard(std::shared_ptr<Lookup> lookup, uv_getaddrinfo_t* request)
      : lookup_(std::move(lookup)), request_(request) {}
  LookupGuard(const LookupGuard&) = delete;
  LookupGuard& operator=(const LookupGuard&) = delete;
  ~LookupGuard() {
    if (!lookup_->status) uv_cancel(reinterpret_cast<uv_req_t*>(request_));
  }

 private:
  std::shared_ptr<Lookup> lookup_;
  uv_getaddrinfo_t* request_;
};

void on_answer(uv_getaddrinfo_t* uv, int status, addrinfo* found) {
  const std::unique_ptr<LookupRequest> request(static_cast<LookupRequest*>(uv->data));
  --request->core->pool_requests;
  Lookup& lookup = *request->lookup;
  lookup.status = status;
  for (const addrinfo* info = found; info; info = info->ai_next) {
    const Address address = to_address(info->ai_addr, info->ai_addrlen);
    const bool is_known = std::ranges::count(lookup.addresses, address) > 0;
    if (!address.host().empty() && !is_known) lookup.addresses.push_back(address);
  }
  uv_freeaddrinfo(found);
  lookup.answered.wake_all();
}

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
  auto& core = static_cast<LoopCore&>(require_running_loop());
  if (auto address = numeric_address(host, service, family)) {
    co_return std::vector<Address>(1, *address);
  }
  pool::start();
  auto lookup = std::make_shared<Lookup>();
  auto request = std::make_unique<LookupRequest>();
  request->request.data = request.get();
  request->lookup = lookup;
  request->core = Ref<LoopCore>(core);
  const addrinfo hints = make_hints(family, passive);
  const char* const node = host.empty() ? nullptr : host.c_str();
  throw_if_uv_error(
      uv_getaddrinfo(core.poller.uv(), &request->request, on_answer, node, service.c_str(), &hints),
      ("cannot resolve " + host).c_str());
  ++core.pool_requests;
  const LookupGuard guard(lookup, &request.release()->request);
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
