#include <string>

#include "aio/aio.hpp"

#ifdef REFUSED
using Parameter = std::string&&;
#else
using Parameter = std::string;
#endif

aio::Coro<std::size_t> length(Parameter text) { co_return text.size(); }
