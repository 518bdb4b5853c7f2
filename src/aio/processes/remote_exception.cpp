#include "aio/processes/remote_exception.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <typeinfo>
#include <variant>

#include "aio/process_pool_executor.hpp"

namespace aio::detail {

namespace {

enum class Kind : char { other, system, cancelled };

using Make = std::exception_ptr (*)(const std::string& text);

template <class E>
std::exception_ptr make(const std::string& text) {
  if constexpr (std::is_constructible_v<E, const std::string&>) {
    return std::make_exception_ptr(E(text));
  } else {
    return std::make_exception_ptr(E());
  }
}

template <class... E>
std::map<std::string_view, Make> make_table() {
  return {{typeid(E).name(), &make<E>}...};
}

/// The exceptions that come back as themselves, by the compiler's names of their types.
const std::map<std::string_view, Make>& known_exceptions() {
  static const auto table =
      make_table<RuntimeError, ValueError, LookupError, InvalidStateError, TimeoutError,
                 BrokenProcessPool, std::logic_error, std::invalid_argument, std::domain_error,
                 std::length_error, std::out_of_range, std::runtime_error, std::range_error,
                 std::overflow_error, std::underflow_error, std::bad_alloc, std::bad_cast,
                 std::bad_function_call, std::bad_optional_access, std::bad_variant_access>();
  return table;
}

const std::error_category* find_category(std::string_view name) {
  for (const auto* known : {&std::generic_category(), &std::system_category(), &uv_category()}) {
    if (name == known->name()) return known;
  }
  return nullptr;
}

std::string demangle(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), &std::free);
  return text ? text.get() : name;
}

std::string write_other(const char* type_name, const std::string& text) {
  ByteWriter writer;
  writer.write(Kind::other, std::string(type_name), text);
  return std::move(writer).take();
}

std::string write_system_error(const std::system_error& error) {
  const std::string category = error.code().category().name();
  if (!find_category(category)) return write_other(typeid(error).name(), error.what());
  std::string text = error.what();  // ends in what the code means, which will be put there again
  const std::string meaning = error.code().message();
  if (text.ends_with(": " + meaning)) {
    text.resize(text.size() - meaning.size() - 2);
  } else if (text == meaning) {
    text.clear();
  }
  ByteWriter writer;
  writer.write(Kind::system, category, error.code().value(), text);
  return std::move(writer).take();
}

std::exception_ptr read_system_error(ByteReader& reader) {
  const auto category = reader.read<std::string>();
  const auto value = reader.read<int>();
  const auto text = reader.read<std::string>();
  const std::error_code code(value, *find_category(category));
  return std::make_exception_ptr(text.empty() ? std::system_error(code)
                                              : std::system_error(code, text));
}

}  // namespace

std::string write_current_exception() {
  try {
    throw;
  } catch (const std::system_error& error) {
    if (typeid(error) == typeid(std::system_error)) return write_system_error(error);
    return write_other(typeid(error).name(), error.what());
  } catch (const std::exception& error) {
    return write_other(typeid(error).name(), error.what());
  } catch (const CancelledError& error) {
    ByteWriter writer;
    writer.write(Kind::cancelled, error.message(), error.cancelled_by());
    return std::move(writer).take();
  } catch (...) {
    return write_other(abi::__cxa_current_exception_type()->name(), {});
  }
}

std::exception_ptr read_exception(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto kind = reader.read<Kind>();
  if (kind == Kind::system) return read_system_error(reader);
  const auto first = reader.read<std::string>();
  const auto second = reader.read<std::string>();
  if (kind == Kind::cancelled) return std::make_exception_ptr(CancelledError(first, second));
  const auto known = known_exceptions().find(first);
  if (known != known_exceptions().end()) return known->second(second);
  return std::make_exception_ptr(RemoteError(demangle(first), second));
}

}  // namespace aio::detail
