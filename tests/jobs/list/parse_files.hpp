#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "jobs/list/parse.hpp"

namespace tests {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The lines of a report on `text`, as they are printed for a file called `list.json`.
inline std::vector<std::string> report(std::string_view text,
                                       const jobs::ParseOptions& options = {},
                                       std::string_view file = "list.json") {
  std::vector<std::string> lines;
  for (const auto& error : jobs::parse_list(text, options).errors) {
    lines.push_back(error.to_string(file));
  }
  return lines;
}

inline std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text.append(line).append(1, '\n');
  return text;
}

inline std::string repeated(std::size_t times, std::string_view piece) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

}  // namespace tests
