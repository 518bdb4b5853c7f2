#pragma once

#include <tuple>
#include <type_traits>

namespace aio {

class ProcessPoolExecutor;
template <class Signature>
class ProcessFunction;

namespace detail {

template <class Params, class... Args>
inline constexpr bool are_process_arguments = false;
template <class... Params, class... Args>
  requires(sizeof...(Params) == sizeof...(Args))
inline constexpr bool are_process_arguments<std::tuple<Params...>, Args...> =
    (std::is_convertible_v<const std::remove_reference_t<Args>&, std::decay_t<Params>> && ...);

/// The arguments that a function with these parameters takes in another process.
template <class Params, class... Args>
concept ProcessArguments = are_process_arguments<Params, Args...>;

/// What a plain function is refused with, by its name.
class MakeItKnownWithProcessFunction;

}  // namespace detail
}  // namespace aio
