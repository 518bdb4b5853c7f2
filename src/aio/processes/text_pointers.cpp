#include "aio/processes/text_pointers.hpp"

#include "aio/error.hpp"

namespace aio::detail {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    if (text.find('\0') != std::string::npos) throw ValueError("embedded null byte");
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace aio::detail
