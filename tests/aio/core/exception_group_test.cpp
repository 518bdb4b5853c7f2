#include "aio/exception_group.hpp"

#include <doctest/doctest.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "aio/error.hpp"
#include "support/groups.hpp"

using aio::ExceptionGroup;
using support::group_in;
using support::texts_of;

namespace {

template <class E>
std::exception_ptr error(const char* text) {
  return std::make_exception_ptr(E(text));
}

/// outer: runtime a, [inner: logic b, runtime c], cancelled
ExceptionGroup nested() {
  const ExceptionGroup inner("inner",
                             {error<std::logic_error>("b"), error<std::runtime_error>("c")},
                             {"Task 'b'", "Task 'c'"});
  return {"outer",
          {error<std::runtime_error>("a"), std::make_exception_ptr(inner),
           error<aio::CancelledError>("why")},
          {"Task 'a'", "Task 'inner'"}};
}

}  // namespace

TEST_CASE("a group says how many exceptions it holds") {
  const ExceptionGroup one("errors", {error<std::runtime_error>("a")});
  CHECK(one.message() == "errors");
  CHECK(std::string(one.what()) == "errors (1 sub-exception)");
  CHECK(std::string(nested().what()) == "outer (3 sub-exceptions)");
  CHECK(texts_of(nested()) ==
        std::vector<std::string>{"a", "inner (2 sub-exceptions)", "cancelled"});
  CHECK(nested().sources() == std::vector<std::string>{"Task 'a'", "Task 'inner'", ""});
}

TEST_CASE("a group of nothing or of a null is a ValueError") {
  CHECK_THROWS_AS(ExceptionGroup("errors", {}), aio::ValueError);
  CHECK_THROWS_AS(ExceptionGroup("errors", {error<std::runtime_error>("a"), nullptr}),
                  aio::ValueError);
}

TEST_CASE("a group is a std::exception and a copy shares what it holds") {
  static_assert(std::is_base_of_v<std::exception, ExceptionGroup>);
  static_assert(std::is_nothrow_copy_constructible_v<ExceptionGroup>);
  static_assert(std::is_nothrow_copy_assignable_v<ExceptionGroup>);
  ExceptionGroup group = nested();
  const ExceptionGroup copy = std::move(group);
  CHECK(&copy.exceptions() == &group.exceptions());
  try {
    throw group;
  } catch (const std::exception& caught) {
    CHECK(std::string(caught.what()) == "outer (3 sub-exceptions)");
  }
}

TEST_CASE("leaves are the exceptions at whatever depth in order") {
  const auto leaves = nested().leaves();
  REQUIRE(leaves.size() == 4);
  CHECK(texts_of({"flat", leaves}) == std::vector<std::string>{"a", "b", "c", "cancelled"});
}

TEST_CASE("split by type divides every level and keeps the nesting") {
  const auto [matching, rest] = nested().split<std::runtime_error>();
  REQUIRE(matching.has_value());
  REQUIRE(rest.has_value());
  CHECK(matching->message() == "outer");
  CHECK(texts_of(*matching) == std::vector<std::string>{"a", "inner (1 sub-exception)"});
  CHECK(texts_of(group_in(matching->exceptions()[1])) == std::vector<std::string>{"c"});
  CHECK(texts_of(*rest) == std::vector<std::string>{"inner (1 sub-exception)", "cancelled"});
  CHECK(texts_of(group_in(rest->exceptions()[0])) == std::vector<std::string>{"b"});
  CHECK(matching->sources() == std::vector<std::string>{"Task 'a'", "Task 'inner'"});
  CHECK(group_in(matching->exceptions()[1]).sources() == std::vector<std::string>{"Task 'c'"});
}

TEST_CASE("split by several types takes what is any of them") {
  const auto [matching, rest] = nested().split<std::logic_error, aio::CancelledError>();
  REQUIRE(matching.has_value());
  CHECK(texts_of(*matching) == std::vector<std::string>{"inner (1 sub-exception)", "cancelled"});
  REQUIRE(rest.has_value());
  CHECK(texts_of(*rest) == std::vector<std::string>{"a", "inner (1 sub-exception)"});
}

TEST_CASE("a part without members is empty") {
  const auto [none, all] = nested().split<std::bad_alloc>();
  CHECK_FALSE(none.has_value());
  REQUIRE(all.has_value());
  CHECK(all->leaves().size() == 4);
  CHECK_FALSE(nested().subgroup<std::bad_alloc>().has_value());
  CHECK(nested().subgroup<std::logic_error>()->leaves().size() == 1);
}

TEST_CASE("what matches the group itself takes it whole") {
  const ExceptionGroup group = nested();
  const auto [matching, rest] = group.split<std::exception>();
  REQUIRE(matching.has_value());
  CHECK(&matching->exceptions() == &group.exceptions());
  CHECK_FALSE(rest.has_value());
}

TEST_CASE("split by predicate asks for the group and for nested groups and for leaves") {
  std::vector<std::string> asked;
  const auto is_inner = [&asked](const std::exception_ptr& exception) {
    asked.push_back(texts_of({"one", {exception}}).front());
    return asked.back().starts_with("inner");
  };
  const auto [matching, rest] = nested().split(is_inner);
  CHECK(asked == std::vector<std::string>{"outer (3 sub-exceptions)", "a",
                                          "inner (2 sub-exceptions)", "cancelled"});
  REQUIRE(matching.has_value());
  CHECK(matching->leaves().size() == 2);  // the inner group whole
  REQUIRE(rest.has_value());
  CHECK(texts_of(*rest) == std::vector<std::string>{"a", "cancelled"});
  CHECK(nested().subgroup(is_inner)->exceptions().size() == 1);
}

TEST_CASE("the tree has a line for each member with the task that it comes from") {
  CHECK(nested().format() ==
        "outer (3 sub-exceptions)\n"
        "├─ Task 'a': a\n"
        "├─ Task 'inner': inner (2 sub-exceptions)\n"
        "│  ├─ Task 'b': b\n"
        "│  └─ Task 'c': c\n"
        "└─ cancelled: why");
}

TEST_CASE("a text of several lines keeps its place in the tree") {
  const ExceptionGroup group("top\nmost",
                             {error<std::runtime_error>("a\nb"), std::make_exception_ptr(7)});
  const ExceptionGroup outer("outer", {std::make_exception_ptr(group)});
  CHECK(outer.format() ==
        "outer (1 sub-exception)\n"
        "└─ top\n"
        "   most (2 sub-exceptions)\n"
        "   ├─ a\n"
        "   │  b\n"
        "   └─ an exception that is no std::exception");
}
