#include "jobs/kinds/prime/number_source.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

namespace {

using jobs::ErrorCode;
using jobs::NumbersError;
using jobs::NumberSource;
using support::TemporaryFolder;
using Numbers = std::vector<std::string>;

primes::Integer integer(std::string_view text) { return primes::Integer::parse(text).value(); }

/// What a source gives: its numbers, and how it failed if it did.
struct Given {
  Numbers numbers;
  std::string error;
  ErrorCode code{};
};

Given all_of(const jobs::Prime& job) {
  NumberSource source(job);
  Given given;
  try {
    while (const auto number = source.next()) given.numbers.push_back(number->to_string());
  } catch (const NumbersError& error) {
    given.error = error.what();
    given.code = error.code();
  }
  return given;
}

Given in_file(std::string_view content, std::size_t max_digits = 20'000,
              primes::Algorithm method = primes::Algorithm::automatic) {
  const TemporaryFolder folder;
  const auto file = folder.write("numbers.txt", content);
  Given given = all_of({jobs::NumbersFrom{file, max_digits}, method});
  if (given.error.starts_with(file.string())) given.error.erase(0, file.string().size());
  return given;
}

}  // namespace

TEST_SUITE_BEGIN("number_source");

TEST_CASE("one number is given once") {
  CHECK(all_of({integer("-7")}).numbers == Numbers{"-7"});
  const jobs::Prime job{integer("7")};
  CHECK(NumberSource(job).is_single());
}

TEST_CASE("a list gives its numbers in order") {
  std::vector<primes::Integer> list{integer("3"), integer("18446744073709551616"), integer("0")};
  CHECK(all_of({list}).numbers == Numbers{"3", "18446744073709551616", "0"});
  CHECK(all_of({std::vector<primes::Integer>()}).numbers.empty());
  const jobs::Prime job{list};
  CHECK_FALSE(NumberSource(job).is_single());
}

TEST_CASE("a file gives a number a line whatever the ends of the lines") {
  const Given given = in_file("7\n\r\n  561 \r\n\t-3\n0x1F\n \n18446744073709551616");
  CHECK(given.numbers == Numbers{"7", "561", "-3", "31", "18446744073709551616"});
  CHECK(given.error.empty());
  const jobs::Prime job{jobs::NumbersFrom{"x"}};
  CHECK_FALSE(NumberSource(job).is_single());
}

/// The same with as many words at a time as there are, up to `words_max`.
Given with_words(const jobs::Prime& job, std::size_t words_max) {
  NumberSource source(job);
  Given given;
  try {
    for (;;) {
      std::vector<std::uint64_t> words(words_max);
      words.resize(source.take_words(words));
      for (const std::uint64_t word : words) given.numbers.push_back(std::to_string(word));
      if (!words.empty()) continue;
      const auto number = source.next();
      if (!number) break;
      given.numbers.push_back(number->to_string());
    }
  } catch (const NumbersError& error) {
    given.error = error.what();
    given.code = error.code();
  }
  return given;
}

TEST_CASE("taking many words at a time gives the same numbers and the same errors") {
  const std::vector<std::string> pieces = {"7",
                                           "0",
                                           "18446744073709551615",
                                           "18446744073709551616",
                                           "-3",
                                           "0x1F",
                                           " 8",
                                           "9 ",
                                           "",
                                           "\t",
                                           "123456789012345678",
                                           "-0",
                                           "11\r",
                                           "99999",
                                           "100000"};
  const std::vector<std::string> bad = {"007",
                                        "00",
                                        "+7",
                                        "7.0",
                                        "7,",
                                        "\xEF\xBB\xBF"
                                        "7",
                                        "7\r\r8"};
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::string text = round % 7 == 0 ? "\xEF\xBB\xBF" : "";
    for (auto lines = random() % 40; lines > 0; --lines) {
      text += pieces[random() % pieces.size()] + "\n";
    }
    if (round % 3 == 0) text += bad[random() % bad.size()] + "\n5\n";
    if (round % 2 == 0) text += "12345678";
    if (round % 50 == 0) text.insert(0, std::string(65'500, '\n') + "7\n");
    CAPTURE(text);
    const TemporaryFolder folder;
    const jobs::NumbersFrom from{folder.write("numbers.txt", text), round % 5 == 0 ? 5U : 30U};
    for (const auto method : {primes::Algorithm::automatic, primes::Algorithm::trial_division}) {
      const Given one_by_one = all_of({from, method});
      const Given many = with_words({from, method}, 1 + static_cast<std::size_t>(round % 9));
      CHECK(many.numbers == one_by_one.numbers);
      CHECK(many.error == one_by_one.error);
    }
  }
  const jobs::Prime list{std::vector{integer("3"), integer("18446744073709551616"), integer("-1"),
                                     integer("0"), integer("5")}};
  CHECK(with_words(list, 3).numbers == all_of(list).numbers);
  CHECK(with_words({integer("7")}, 3).numbers == Numbers{"7"});
}

TEST_CASE("an empty file gives nothing") {
  CHECK(in_file("").numbers.empty());
  CHECK(in_file("\n \r\n").numbers.empty());
  CHECK(in_file("").error.empty());
}

TEST_CASE("a bad line is named by its number after the good ones") {
  for (const char* const bad : {"7.0", "1e3", "007", "+7", "seven", "7 8", "7,", "0x", "--7"}) {
    CAPTURE(bad);
    const Given given = in_file("2\n\n" + std::string(bad) + "\n5\n");
    CHECK(given.numbers == Numbers{"2"});
    CHECK(given.code == ErrorCode::invalid_number);
    CHECK(given.error.starts_with(":3: not a number"));
  }
}

TEST_CASE("a zero byte does not end a number") {
  using namespace std::string_literals;
  for (const auto& bad : {"7\0junk"s, "7\0"s, "\0"s, "7\0junk\n5\n"s}) {
    const Given given = in_file(bad);
    CHECK(given.numbers.empty());
    CHECK(given.error.starts_with(":1: not a number"));
  }
}

TEST_CASE("digits are counted as in a list") {
  for (const char* const most : {"12345", "-12345", "0xfffff", "  12345\t\r", "-0x12345"}) {
    CAPTURE(most);
    CHECK(in_file(most, 5).error.empty());
    CHECK(in_file(std::string(most) + "\n7\n", 5).numbers.size() == 2);
  }
  for (const char* const more : {"123456", "-123456", "0x123456"}) {
    CAPTURE(more);
    const Given given = in_file("7\n" + std::string(more) + "\n", 5);
    CHECK(given.numbers == Numbers{"7"});
    CHECK(given.code == ErrorCode::invalid_number);
    CHECK(given.error == ":2: longer than 5 digits");
  }
}

TEST_CASE("a line that hardly ends is rejected before it is read") {
  const TemporaryFolder folder;
  const auto file = folder.write("numbers.txt", "7\n");
  std::filesystem::resize_file(file, 1'000'000'000'000);  // zero bytes, and no room on disk
  const Given given = all_of({jobs::NumbersFrom{file}});
  CHECK(given.numbers == Numbers{"7"});
  CHECK(given.error.ends_with(":2: longer than 20000 digits"));
}

/// The descriptor that this process reads the file by.
int descriptor_of(const std::filesystem::path& file) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const int fd = std::stoi(entry.path().filename());
    if (std::filesystem::read_symlink(entry.path(), gone) == file) return fd;
  }
  return -1;
}

TEST_CASE("taking words reads no line to its end that is too long for a word") {
  const TemporaryFolder folder;
  for (const char* const begin : {"7\n", "7\n8"}) {
    const auto file = folder.write("numbers.txt", begin);
    std::filesystem::resize_file(file, 1'000'000);  // zero bytes, and no newline
    const jobs::Prime job{jobs::NumbersFrom{file}};
    NumberSource source(job);
    std::array<std::uint64_t, 8> words{};
    CHECK(source.take_words(words) == 1);
    CHECK(source.take_words(words) == 0);
    CHECK_THROWS_AS(source.next(), NumbersError);
    CHECK(lseek(descriptor_of(file), 0, SEEK_CUR) <= 200'000);
  }
}

TEST_CASE("the numbers before a failure to read are given") {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "11\n";
  const auto file = folder.write("numbers.txt", text);
  const jobs::Prime job{jobs::NumbersFrom{file}};
  NumberSource source(job);
  std::array<std::uint64_t, 256> words{};
  std::size_t given = source.take_words(words);
  const int fd = descriptor_of(file);
  const auto has_been_read = static_cast<std::size_t>(lseek(fd, 0, SEEK_CUR)) / 3;
  REQUIRE(has_been_read % words.size() > 0);
  const int unreadable = ::open("/", O_RDONLY | O_CLOEXEC);
  REQUIRE(dup3(unreadable, fd, O_CLOEXEC) == fd);
  ::close(unreadable);
  const auto take_all = [&] {
    while (const std::size_t count = source.take_words(words)) given += count;
  };
  CHECK_THROWS_AS(take_all(), NumbersError);
  CHECK(given == has_been_read);
}

TEST_CASE("the longest number is accepted") {
  const std::string longest(20'000, '9');
  CHECK(in_file(longest + "\n").numbers == Numbers{longest});
}

TEST_CASE("trial division takes what is below 2^64") {
  const auto method = primes::Algorithm::trial_division;
  CHECK(in_file("18446744073709551615\n-99999999999999999999\n", 20'000, method).error.empty());
  const Given given = in_file("7\n18446744073709551616\n", 20'000, method);
  CHECK(given.numbers == Numbers{"7"});
  CHECK(given.code == ErrorCode::invalid_number);
  CHECK(given.error.starts_with(":2: too large for trial_division"));
}

TEST_CASE("what is no readable regular file is an error and makes nobody wait") {
  const TemporaryFolder folder;
  const auto fifo = folder.path() / "fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  for (const auto& path : {folder.path() / "missing", folder.path(), fifo,
                           std::filesystem::path("/dev/zero"), std::filesystem::path()}) {
    CAPTURE(path);
    const Given given = all_of({jobs::NumbersFrom{path}});
    CHECK(given.numbers.empty());
    CHECK(given.code == ErrorCode::numbers_unreadable);
    CHECK(given.error.starts_with(path.string() + ": "));
  }
}
