#pragma once

#include <concepts>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "aio/error.hpp"

namespace aio {

class ByteWriter;
class ByteReader;

/// How values of T travel to a worker process and back: between copies of one program on one
/// machine, so there is no version and no byte order. Numbers, enumerations, bool, std::string,
/// and vectors, optionals, pairs and tuples of these are there; for another type specialise it:
///
///     template <>
///     struct aio::Serializer<Point> {
///       static void write(aio::ByteWriter& writer, const Point& point) {
///         writer.write(point.x, point.y);
///       }
///       static Point read(aio::ByteReader& reader) {
///         const auto x = reader.read<double>();
///         const auto y = reader.read<double>();
///         return {x, y};
///       }
///     };
template <class T>
struct Serializer;

/// A type that can travel to a worker process: there is an aio::Serializer<T> for it.
template <class T>
concept Serializable = requires(ByteWriter& writer, ByteReader& reader, const T& value) {
  Serializer<T>::write(writer, value);
  { Serializer<T>::read(reader) } -> std::same_as<T>;
};

/// Where a Serializer writes to.
class ByteWriter {
 public:
  template <Serializable... T>
  void write(const T&... values) {
    (Serializer<T>::write(*this, values), ...);
  }
  void write_bytes(const void* bytes, std::size_t size) {
    if (size > 0) bytes_.append(static_cast<const char*>(bytes), size);
  }

  std::string take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// The bytes that a Serializer reads and another one wrote. Throws RuntimeError where that ends
/// early.
class ByteReader {
 public:
  /// `bytes` have to stay as long as the reader.
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  template <Serializable T>
  T read() {
    return Serializer<T>::read(*this);
  }
  void read_bytes(void* bytes, std::size_t size) {
    const std::string_view taken = take(size);
    if (size > 0) std::memcpy(bytes, taken.data(), size);
  }
  /// The next `count` things of `size` bytes each.
  std::string_view take(std::size_t count, std::size_t size = 1) {
    if (count > left_.size() / size) {
      throw RuntimeError("an aio::Serializer reads more than was written");
    }
    const std::string_view taken = left_.substr(0, count * size);
    left_.remove_prefix(taken.size());
    return taken;
  }
  std::size_t left() const { return left_.size(); }

  void require_end() const {
    if (left() > 0) throw RuntimeError("an aio::Serializer reads less than was written");
  }

 private:
  std::string_view left_;
};

/// Numbers, enumerations and bool, as they are in memory.
template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
struct Serializer<T> {
  static void write(ByteWriter& writer, const T& value) {
    writer.write_bytes(&value, sizeof value);
  }
  static T read(ByteReader& reader) {
    T value{};
    reader.read_bytes(&value, sizeof value);
    return value;
  }
};

template <>
struct Serializer<std::monostate> {
  static void write(ByteWriter&, const std::monostate&) {}
  static std::monostate read(ByteReader&) { return {}; }
};

template <>
struct Serializer<std::string> {
  static void write(ByteWriter& writer, const std::string& text) {
    writer.write(text.size());
    writer.write_bytes(text.data(), text.size());
  }
  static std::string read(ByteReader& reader) {
    const auto size = reader.read<std::size_t>();
    return std::string(reader.take(size));
  }
};

template <Serializable T>
struct Serializer<std::vector<T>> {
  /// Whether the elements lie in memory as they travel.
  static constexpr bool is_flat = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

  static void write(ByteWriter& writer, const std::vector<T>& values) {
    writer.write(values.size());
    if constexpr (is_flat) {
      writer.write_bytes(values.data(), values.size() * sizeof(T));
    } else {
      for (const T& value : values) writer.write(value);
    }
  }
  static std::vector<T> read(ByteReader& reader) {
    const auto count = reader.read<std::size_t>();
    std::vector<T> values;
    if constexpr (is_flat) {
      const std::string_view bytes = reader.take(count, sizeof(T));
      values.resize(count);
      if (count > 0) std::memcpy(values.data(), bytes.data(), bytes.size());
    } else {
      for (std::size_t i = 0; i < count; ++i) values.push_back(reader.read<T>());
    }
    return values;
  }
};

template <Serializable T>
struct Serializer<std::optional<T>> {
  static void write(ByteWriter& writer, const std::optional<T>& value) {
    writer.write(value.has_value());
    if (value) writer.write(*value);
  }
  static std::optional<T> read(ByteReader& reader) {
    if (!reader.read<bool>()) return std::nullopt;
    return reader.read<T>();
  }
};

template <Serializable T, Serializable U>
struct Serializer<std::pair<T, U>> {
  static void write(ByteWriter& writer, const std::pair<T, U>& pair) {
    writer.write(pair.first, pair.second);
  }
  static std::pair<T, U> read(ByteReader& reader) {
    T first = reader.read<T>();
    return {std::move(first), reader.read<U>()};
  }
};

template <Serializable... T>
struct Serializer<std::tuple<T...>> {
  static void write(ByteWriter& writer, const std::tuple<T...>& values) {
    std::apply([&writer](const T&... value) { writer.write(value...); }, values);
  }
  static std::tuple<T...> read([[maybe_unused]] ByteReader& reader) {
    return std::tuple<T...>{reader.read<T>()...};  // braces: from left to right
  }
};

}  // namespace aio
