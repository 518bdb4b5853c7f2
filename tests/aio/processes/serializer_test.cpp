#include "aio/serializer.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace {

template <class T>
T there_and_back(const T& value) {
  aio::ByteWriter writer;
  writer.write(value);
  const std::string bytes = std::move(writer).take();
  aio::ByteReader reader(bytes);
  T back = reader.read<T>();
  CHECK_NOTHROW(reader.require_end());
  return back;
}

template <class T>
void check(const T& value) {
  CHECK(there_and_back(value) == value);
}

enum class Colour : std::uint16_t { red = 7, blue = 65535 };

struct Unknown {};

}  // namespace

TEST_CASE("numbers, enumerations and bool travel exactly") {
  check(std::numeric_limits<std::int64_t>::min());
  check(std::numeric_limits<std::uint64_t>::max());
  check('x');
  check(true);
  check(false);
  check(0.1);
  check(std::numeric_limits<double>::infinity());
  check(1.5F);
  check(Colour::blue);
  CHECK(std::isnan(there_and_back(std::nan(""))));
  CHECK(std::signbit(there_and_back(-0.0)));
}

TEST_CASE("strings travel with whatever bytes they hold") {
  using namespace std::string_literals;
  check(""s);
  check("text"s);
  check("a\0b\xff"s);
  check(std::string(100'000, 'x'));
}

TEST_CASE("vectors, optionals, pairs and tuples travel, within each other too") {
  using Strings = std::vector<std::string>;
  check(std::vector<int>());
  check(std::vector<int>{1, -2, 3});
  check(std::vector<bool>{true, false, true});
  check(Strings{"a", "", "c"});
  check(std::vector<std::vector<double>>{{}, {1.5}, {2, 3}});
  check(std::optional<int>());
  check(std::optional<std::string>("text"));
  check(std::optional<std::optional<int>>(std::optional<int>()));
  check(std::pair<std::string, int>("a", 5));
  check(std::tuple<>());
  check(std::tuple<int, Strings, std::optional<Colour>>(1, {"x"}, Colour::red));
}

TEST_CASE("a message that ends early is an error and not a guess") {
  aio::ByteWriter writer;
  writer.write(std::string("some text"), std::vector<int>{1, 2, 3});
  const std::string bytes = std::move(writer).take();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    aio::ByteReader reader(std::string_view(bytes).substr(0, size));
    using Both = std::pair<std::string, std::vector<int>>;
    CHECK_THROWS_AS(reader.read<Both>(), aio::RuntimeError);
  }
  aio::ByteReader reader(bytes);
  CHECK(reader.read<std::string>() == "some text");
  CHECK_THROWS_AS(reader.require_end(), aio::RuntimeError);
  const std::string huge(8, '\xff');  // a size that no memory has
  CHECK_THROWS_AS(aio::ByteReader(huge).read<std::vector<std::uint64_t>>(), aio::RuntimeError);
  CHECK_THROWS_AS(aio::ByteReader(huge).read<std::string>(), aio::RuntimeError);
}

TEST_CASE("what has no Serializer is known not to travel") {
  static_assert(aio::Serializable<int> && aio::Serializable<std::vector<std::string>>);
  static_assert(!aio::Serializable<Unknown> && !aio::Serializable<std::vector<Unknown>>);
  static_assert(!aio::Serializable<int*> && !aio::Serializable<std::string_view>);
}
