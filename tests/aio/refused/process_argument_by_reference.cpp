#include "aio/aio.hpp"

#ifdef REFUSED
void count(int& calls);
#else
void count(const int& calls);
#endif

const auto count_there = aio::process_function<&count>("count");
