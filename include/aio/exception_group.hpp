#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio {

namespace detail {

/// Whether an exception is an E.
template <class E>
bool holds(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const E&) {
    return true;
  } catch (...) {
    return false;
  }
}

/// An exception in words: one line, but for a group and for a text that has more.
std::string describe(const std::exception_ptr& exception);

}  // namespace detail

/// Several errors at once, none of them lost; a TaskGroup throws it. One of them may be a group
/// itself.
///
/// It is a std::exception. Its members may be anything that was thrown, also what is none, such as
/// CancelledError. Copies share the members, so that copying is cheap and never throws. Any thread
/// may use its own copy.
class ExceptionGroup final : public std::exception {
 public:
  /// The members that match and those that do not, each a group of the same message and nesting.
  using Split = std::pair<std::optional<ExceptionGroup>, std::optional<ExceptionGroup>>;

  /// A group of `exceptions`; `sources` says where each comes from, in the same order, as far as
  /// that is known. Throws ValueError if there is no exception, or if one is null.
  ExceptionGroup(std::string message, std::vector<std::exception_ptr> exceptions,
                 std::vector<std::string> sources = {});
  ExceptionGroup(const ExceptionGroup&) noexcept = default;
  ExceptionGroup& operator=(const ExceptionGroup&) noexcept = default;

  /// The message it was made with.
  const std::string& message() const noexcept { return data_->message; }

  /// Its members; a nested group is one of them.
  const std::vector<std::exception_ptr>& exceptions() const noexcept { return data_->exceptions; }

  /// Where each member comes from, such as `Task 'fetch'`; an empty text where nobody said.
  const std::vector<std::string>& sources() const noexcept { return data_->sources; }

  /// `message (2 sub-exceptions)`.
  const char* what() const noexcept override { return data_->what.c_str(); }

  /// All errors that are no groups, at whatever depth, in order.
  std::vector<std::exception_ptr> leaves() const;

  /// The whole tree, a line for each member, with where it comes from. No newline at the end.
  std::string format() const;

  /// Divides the group. `matches` is asked for the group itself, for nested groups and for leaves;
  /// what it accepts is taken whole. A part with no members is empty.
  template <class Predicate>
    requires std::predicate<Predicate&, const std::exception_ptr&>
  Split split(Predicate matches) const {
    return split_by(std::ref(matches));
  }

  /// The same by type: what is one of `E…`, or derives from one.
  template <class... E>
    requires(sizeof...(E) > 0)
  Split split() const {
    return split_by([](const std::exception_ptr& it) { return (detail::holds<E>(it) || ...); });
  }

  /// The matching part of `split`; empty if nothing matches.
  template <class Predicate>
    requires std::predicate<Predicate&, const std::exception_ptr&>
  std::optional<ExceptionGroup> subgroup(Predicate matches) const {
    return split_by(std::ref(matches)).first;
  }
  template <class... E>
    requires(sizeof...(E) > 0)
  std::optional<ExceptionGroup> subgroup() const {
    return split<E...>().first;
  }

 private:
  struct Data {
    std::string message;
    std::vector<std::exception_ptr> exceptions;
    std::vector<std::string> sources;
    std::string what;
  };

  Split split_by(const std::function<bool(const std::exception_ptr&)>& matches) const;

  std::shared_ptr<const Data> data_;
};

}  // namespace aio
