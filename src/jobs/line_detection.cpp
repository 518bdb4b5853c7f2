#include "jobs/line_detection.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "jobs/lines.hpp"

namespace jobs {

namespace {

using Json = nlohmann::json;

/// Looks for the key `kind` in the outermost object, and for nothing else.
class KindFinder : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return ++depth_, true; }
  bool end_object() override { return --depth_, true; }
  bool start_array(std::size_t) override { return depth_++ > 0; }
  bool end_array() override { return --depth_, true; }
  bool key(string_t& key) override {
    found_ = found_ || (depth_ == 1 && key == "kind");
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

  bool found() const { return found_; }

 private:
  std::size_t depth_ = 0;
  bool found_ = false;
};

}  // namespace

FirstLine look_at_first_line(std::string_view text) {
  for (;;) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return FirstLine::incomplete;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (is_blank(line)) continue;
    KindFinder finder;
    Json::sax_parse(line.begin(), line.end(), &finder);
    return finder.found() ? FirstLine::job : FirstLine::other;
  }
}

}  // namespace jobs
