#include "jobs/lanes/delivery_box.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using jobs::DeliveryBox;

jobs::Slice slice_of(std::string records) {
  jobs::Slice slice;
  slice.records = std::move(records);
  return slice;
}

}  // namespace

TEST_SUITE_BEGIN("delivery_box");

TEST_CASE("slices are taken in their order and once") {
  DeliveryBox box;
  CHECK(box.empty());
  box.put(slice_of("a"), 3);
  box.put(slice_of("b"), 3);
  CHECK(box.size() == 2);
  const std::vector<jobs::Slice> slices = box.take_all();
  REQUIRE(slices.size() == 2);
  CHECK(slices[0].records == "a");
  CHECK(slices[1].records == "b");
  CHECK(box.empty());
  CHECK(box.take_all().empty());
}

TEST_CASE("the loop is told once when there are enough and again after it took them") {
  DeliveryBox box;
  CHECK_FALSE(box.put(slice_of("a"), 2));
  CHECK(box.put(slice_of("b"), 2));
  CHECK_FALSE(box.put(slice_of("c"), 2));  // it was told and has not come yet
  box.take_all();
  CHECK_FALSE(box.put(slice_of("d"), 2));
  CHECK(box.put(slice_of("e"), 1));
}

TEST_CASE("the loop is told of the first slice where one is enough") {
  DeliveryBox box;
  CHECK(box.put(slice_of("a"), 1));
  CHECK_FALSE(box.put(slice_of("b"), 1));  // it was told
  CHECK(box.take_all().size() == 2);
  CHECK(box.put(slice_of("c"), 1));
}

TEST_CASE("what the loop was not told of goes with the first slice that is enough") {
  DeliveryBox box;
  CHECK_FALSE(box.put(slice_of("a"), 3));
  CHECK(box.put(slice_of("b"), 1));
  CHECK(box.take_all().size() == 2);
}
