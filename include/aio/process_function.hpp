#pragma once

#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "aio/detail/future_state.hpp"
#include "aio/serializer.hpp"
#include "aio/task.hpp"

namespace aio {

namespace detail {

/// Calls a function in a worker: with arguments from `arguments`, and the result into `result`.
using ProcessEntry = void (*)(ByteReader& arguments, ByteWriter& result);

/// Enters a function into the program's list. Aborts if the name stands for another one already.
void register_process_function(const std::string& name, ProcessEntry entry);

template <class F>
struct ProcessSignature;

/// The arguments and the result of a function for worker processes, and how it is called there.
template <class R, class... Params>
struct ProcessSignature<R (*)(Params...)> {
  using Type = R(Params...);

  static_assert(((!std::is_lvalue_reference_v<Params> ||
                  std::is_const_v<std::remove_reference_t<Params>>)&&...),
                "a function for worker processes cannot change its caller's variables: take the "
                "argument by value, and return what changes");
  static_assert(!IsCoro<R>, "a coroutine runs on a loop and not in a worker process: await it");
  static_assert((Serializable<std::decay_t<Params>> && ...),
                "an argument cannot travel to another process: specialise aio::Serializer for it");
  static_assert(IsCoro<R> || Serializable<ValueOf<R>>,
                "the result cannot travel to another process: specialise aio::Serializer for it");

  template <auto function>
  static void call(ByteReader& reader, ByteWriter& result) {
    std::tuple<std::decay_t<Params>...> arguments{reader.read<std::decay_t<Params>>()...};
    reader.require_end();
    const auto invoke = [](std::decay_t<Params>&... values) -> R {
      return function(static_cast<Params&&>(values)...);
    };
    if constexpr (std::is_void_v<R>) {
      std::apply(invoke, arguments);
    } else {
      result.write(std::apply(invoke, arguments));
    }
  }
};
template <class R, class... Params>
struct ProcessSignature<R (*)(Params...) noexcept> : ProcessSignature<R (*)(Params...)> {};

}  // namespace detail

/// A function that worker processes know by its name; `process_function` makes it.
template <class Signature>
class ProcessFunction;

template <class R, class... Params>
class ProcessFunction<R(Params...)> {
 public:
  explicit ProcessFunction(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  /// A call of it, as it travels.
  template <class... Args>
  std::string make_request(const Args&... args) const {
    ByteWriter request;
    request.write(name_);
    (request.write(static_cast<const std::decay_t<Params>&>(args)), ...);
    return std::move(request).take();
  }

 private:
  std::string name_;
};

/// Makes a function known to worker processes, which are copies of the program: at namespace scope,
/// so that it is known in them too before their `main` begins.
///
///     bool is_prime(std::uint64_t n);
///     const auto prime_check = aio::process_function<&is_prime>("is_prime");
///
/// Arguments and result are copied to the other process and back, see Serializer. Aborts if the
/// name was given to another function.
template <auto function>
  requires std::is_function_v<std::remove_pointer_t<decltype(function)>>
auto process_function(std::string name) {
  using Signature = detail::ProcessSignature<decltype(function)>;
  detail::register_process_function(name, &Signature::template call<function>);
  return ProcessFunction<typename Signature::Type>(std::move(name));
}

}  // namespace aio
