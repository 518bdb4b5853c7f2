#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "splitmix.hpp"

/// The lists that the programs work: the same for all of them, made from a seed.
namespace bench {

/// A line each.
enum class List {
  ids,      ///< `{"id":"number-N","kind":"prime","number":N}` with random odd 64-bit numbers
  no_ids,   ///< the same without an id
  mixed,    ///< without an id, random numbers of 1 to 64 bits
  numbers,  ///< random odd 64-bit numbers alone
};

inline List list_called(std::string_view name) {
  if (name == "ids") return List::ids;
  if (name == "no_ids") return List::no_ids;
  if (name == "mixed") return List::mixed;
  if (name == "numbers") return List::numbers;
  throw std::invalid_argument("no list is called " + std::string(name));
}

/// Makes a list line by line.
class ListMaker {
 public:
  explicit ListMaker(List list) : list_(list) {}

  /// Appends the next line.
  void append_line(std::string& text) {
    const std::uint64_t number =
        list_ == List::mixed ? random_() >> (random_() % 64) : random_() | std::uint64_t{1};
    if (list_ != List::numbers) text += '{';
    if (list_ == List::ids) text.append(R"("id":"number-)").append(std::to_string(made_)) += "\",";
    if (list_ != List::numbers) text += R"("kind":"prime","number":)";
    text += std::to_string(number);
    text += list_ == List::numbers ? "\n" : "}\n";
    ++made_;
  }

  /// Appends `count` lines.
  void append_lines(std::string& text, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) append_line(text);
  }

 private:
  List list_;
  SplitMix64 random_{2026};
  std::uint64_t made_ = 0;
};

}  // namespace bench
