#include "aio/aio.hpp"

struct Point {
  double x;
  double y;
};

#ifndef REFUSED
template <>
struct aio::Serializer<Point> {
  static void write(ByteWriter& writer, const Point& point);
  static Point read(ByteReader& reader);
};
#endif

double length(Point point);

const auto length_there = aio::process_function<&length>("length");
