#include "aio/exception_group.hpp"

#include <string_view>

#include "aio/error.hpp"

namespace aio {

namespace {

/// The exception, if it is a group.
std::optional<ExceptionGroup> as_group(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const ExceptionGroup& group) {
    return group;
  } catch (...) {
    return std::nullopt;
  }
}

/// One part of a group that is divided.
class Part {
 public:
  void add(std::exception_ptr exception, const std::string& source) {
    exceptions_.push_back(std::move(exception));
    sources_.push_back(source);
  }
  void add(const std::optional<ExceptionGroup>& group, const std::string& source) {
    if (group) add(std::make_exception_ptr(*group), source);
  }
  std::optional<ExceptionGroup> take(const std::string& message) {
    if (exceptions_.empty()) return std::nullopt;
    return ExceptionGroup(message, std::move(exceptions_), std::move(sources_));
  }

 private:
  std::vector<std::exception_ptr> exceptions_;
  std::vector<std::string> sources_;
};

void append_leaves(std::vector<std::exception_ptr>& leaves, const ExceptionGroup& group) {
  for (const std::exception_ptr& exception : group.exceptions()) {
    if (const auto inner = as_group(exception)) {
      append_leaves(leaves, *inner);
    } else {
      leaves.push_back(exception);
    }
  }
}

/// Every line after the first begins with `indent`.
void append_text(std::string& tree, std::string_view text, const std::string& indent) {
  for (const char c : text) {
    tree += c;
    if (c == '\n') tree += indent;
  }
}

void append_tree(std::string& tree, const ExceptionGroup& group, const std::string& indent) {
  append_text(tree, group.what(), indent);
  const std::size_t count = group.exceptions().size();
  for (std::size_t i = 0; i < count; ++i) {
    const bool last = i + 1 == count;
    const std::string below = indent + (last ? "   " : "│  ");
    tree += "\n" + indent + (last ? "└─ " : "├─ ");
    if (!group.sources()[i].empty()) append_text(tree, group.sources()[i] + ": ", below);
    if (const auto inner = as_group(group.exceptions()[i])) {
      append_tree(tree, *inner, below);
    } else {
      append_text(tree, detail::describe(group.exceptions()[i]), below);
    }
  }
}

}  // namespace

std::string detail::describe(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const ExceptionGroup& group) {
    return group.format();
  } catch (const std::exception& error) {
    return error.what();
  } catch (const CancelledError& error) {
    return error.describe();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

ExceptionGroup::ExceptionGroup(std::string message, std::vector<std::exception_ptr> exceptions,
                               std::vector<std::string> sources) {
  const std::size_t count = exceptions.size();
  if (count == 0) throw ValueError("an ExceptionGroup needs at least one exception");
  for (std::size_t i = 0; i < count; ++i) {
    if (!exceptions[i]) throw ValueError("Item " + std::to_string(i) + " is not an exception");
  }
  sources.resize(count);
  std::string what = message + " (" + std::to_string(count) +
                     (count == 1 ? " sub-exception)" : " sub-exceptions)");
  data_ = std::make_shared<const Data>(
      Data{std::move(message), std::move(exceptions), std::move(sources), std::move(what)});
}

std::vector<std::exception_ptr> ExceptionGroup::leaves() const {
  std::vector<std::exception_ptr> leaves;
  append_leaves(leaves, *this);
  return leaves;
}

std::string ExceptionGroup::format() const {
  std::string tree;
  append_tree(tree, *this, {});
  return tree;
}

ExceptionGroup::Split ExceptionGroup::split_by(
    const std::function<bool(const std::exception_ptr&)>& matches) const {
  if (matches(std::make_exception_ptr(*this))) return {*this, std::nullopt};
  Part matching;
  Part rest;
  for (std::size_t i = 0; i < exceptions().size(); ++i) {
    const std::exception_ptr& member = exceptions()[i];
    if (const auto inner = as_group(member)) {
      const Split parts = inner->split_by(matches);
      matching.add(parts.first, sources()[i]);
      rest.add(parts.second, sources()[i]);
    } else {
      (matches(member) ? matching : rest).add(member, sources()[i]);
    }
  }
  return {matching.take(message()), rest.take(message())};
}

}  // namespace aio
