#include <memory>

#include "aio/context.hpp"

#ifdef REFUSED
using Value = std::unique_ptr<int>;
#else
using Value = std::shared_ptr<int>;
#endif

const aio::ContextVar<Value> variable("variable");
