#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "jobs/json/fault.hpp"
#include "jobs/json/json_reader.hpp"
#include "jobs/json/scope.hpp"
#include "jobs/json/tree.hpp"

namespace tests {

/// A small piece of JSON, read as a tree, and the faults that are found in it. The text has to
/// outlive it.
class Piece final : public jobs::detail::TokenSink {
 public:
  explicit Piece(std::string_view text) {
    REQUIRE_FALSE(jobs::detail::read_json(text, jobs::detail::Whole::job, *this).has_value());
  }
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;

  void take(const jobs::detail::Token& token) override { tree_.take(token); }

  jobs::detail::Scope scope() { return {tree_, faults_}; }

  /// The messages so far, in the order of the text.
  std::vector<std::string> messages() const {
    std::vector<std::string> messages;
    for (const auto& fault : faults_.kept()) messages.push_back(fault.message);
    return messages;
  }

 private:
  jobs::detail::Tree tree_;
  jobs::detail::Faults faults_;
};

}  // namespace tests
