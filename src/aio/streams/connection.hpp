#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aio/stream.hpp"

namespace aio::detail {

/// Connects to the first of `addresses` that answers. Throws std::system_error that names `host`
/// and each of them with its error.
Coro<std::pair<StreamReader, StreamWriter>> connect_to_any(std::vector<Address> addresses,
                                                           std::string host, int port,
                                                           std::size_t limit);

}  // namespace aio::detail
