#pragma once

#include <cstdint>
#include <cstdio>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"

// What the snippets of the documentation take for granted. They are compiled, not run.

using namespace std::chrono_literals;

struct Page {
  std::string text;
};
aio::Coro<Page> fetch(std::string url);
aio::Coro<void> save(Page page);
aio::Coro<void> count_down(std::string name, aio::Duration delay);
bool is_prime(std::uint64_t n);
