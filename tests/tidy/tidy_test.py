"""tidy is seen to fail on each kind of breach, and to pass what only looks like one."""

import contextlib
import io
import tempfile
import textwrap
import unittest
import unittest.mock
from pathlib import Path

import cpp
import layers
import tidy

GOOD = {
    "include/aio/aio.hpp": '// All of aio.\n#pragma once\n\n#include "aio/run.hpp"\n',
    "include/aio/run.hpp": "#pragma once\n\nnamespace aio {}\n",
    "include/aio/testing.hpp": "// For tests.\n#pragma once\n",
    "include/primes/check.hpp": "#pragma once\n",
    "src/aio/CMakeLists.txt": "add_library(aio STATIC\n  run.cpp)\n",
    "src/aio/handle.hpp": "#pragma once\n#include <uv.h>\n",
    "src/aio/run.cpp": '#include "aio/run.hpp"\n#include "aio/handle.hpp"\n#include <uv.h>\n',
    "src/jobs/run.hpp": '#pragma once\n#include "aio/run.hpp"\n#include "primes/check.hpp"\n',
    "src/primed/main.hpp": '#pragma once\n#include "jobs/run.hpp"\n#include "aio/run.hpp"\n',
    "tests/jobs/CMakeLists.txt": "primed_add_tests(test-jobs\n  SOURCES run_test.cpp)\n",
    "tests/jobs/run_test.cpp": '#include "jobs/run.hpp"\n#include <nlohmann/json.hpp>\n',
    "tests/e2e/CMakeLists.txt": "primed_e2e(chapter)\n",
    "tests/e2e/chapter_test.py": "pass\n",
    "README.md": "A line of prose may be long." * 10 + "\n",
}


def breaches(changes=None):
    """What tidy says of a good house with `changes`: texts by file."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (GOOD | (changes or {})).items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        output = io.StringIO()
        with contextlib.redirect_stdout(output), unittest.mock.patch("sys.argv", ["tidy", folder]):
            code = tidy.main()
    lines = output.getvalue().splitlines()[:-1]
    found = [line for line in lines if ": note: " not in line]
    assert code == (1 if found else 0), output.getvalue()
    return found


class Layers(unittest.TestCase):
    def assert_breach(self, name, text, expected):
        found = breaches({name: text})
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])
        self.assertTrue(found[0].startswith(name + ":"), found[0])

    def test_a_good_house_has_no_breach(self):
        self.assertEqual(breaches(), [])

    def test_aio_does_not_see_primes_nor_primes_aio(self):
        self.assert_breach("src/aio/handle.hpp", '#pragma once\n#include "primes/check.hpp"\n',
                           "2: primes/check.hpp: layer aio does not see primes")
        self.assert_breach("include/primes/check.hpp", "#pragma once\n#include <aio/run.hpp>\n",
                           "layer primes does not see aio")

    def test_nothing_points_back(self):
        self.assert_breach("src/aio/handle.hpp", '#pragma once\n#include "jobs/run.hpp"\n',
                           "layer aio does not see jobs")
        self.assert_breach("src/jobs/run.hpp", '#pragma once\n#include "primed/main.hpp"\n',
                           "layer jobs does not see primed")

    def test_only_aio_sees_libuv_and_no_public_header_does(self):
        for name in ("src/jobs/run.hpp", "src/primed/main.hpp", "include/aio/run.hpp"):
            self.assert_breach(name, "#pragma once\n#  include <uv.h>\n", "2: uv.h: only below")

    def test_json_stays_out_of_public_headers_and_of_aio(self):
        for name in ("include/aio/run.hpp", "src/aio/handle.hpp"):
            self.assert_breach(name, "#pragma once\n#include <nlohmann/json.hpp>\n",
                               "nlohmann/json.hpp: only below")

    def test_a_private_header_is_for_its_own_layer(self):
        for name in ("src/jobs/run.hpp", "include/aio/run.hpp"):
            self.assert_breach(name, '#pragma once\n#include "aio/handle.hpp"\n',
                               "aio/handle.hpp: private to src/aio")

    def test_examples_see_what_a_user_sees(self):
        lists = {"examples/CMakeLists.txt": "primed_example(prime_run)\n"}
        example = '#include "aio/run.hpp"\n#include "jobs/run.hpp"\n'
        found = breaches(lists | {"examples/prime_run.cpp": example})
        self.assertEqual(found, ["examples/prime_run.cpp:2: jobs/run.hpp: "
                                 "layer examples does not see jobs"])

    def test_the_way_to_a_header_is_not_spelled_out(self):
        self.assert_breach("src/jobs/run.hpp", '#pragma once\n#include "../aio/run.hpp"\n',
                           "includes name the layer")

    def test_an_include_in_a_comment_is_none(self):
        text = "#pragma once\n// #include <uv.h>\n/*\n#include <uv.h>\n*/\n"
        self.assertEqual(breaches({"include/aio/run.hpp": text}), [])

    def test_the_umbrella_has_all_headers_and_nothing_else(self):
        self.assert_breach("include/aio/aio.hpp",
                           '#pragma once\n#include "aio/run.hpp"\nint x;\n',
                           "3: an umbrella has includes and nothing else")
        self.assert_breach("include/aio/aio.hpp", "#pragma once\n",
                           "does not include aio/run.hpp")


class Outsiders(unittest.TestCase):
    def found(self, name, header):
        return breaches({name: f"#pragma once\n#include <{header}>\n"})

    def test_each_has_its_folders(self):
        for header, there, elsewhere in (
                ("gmp.h", "src/primes/modulus.hpp", "src/jobs/run.hpp"),
                ("sodium.h", "src/jobs/run.hpp", "src/primed/main.hpp"),
                ("simdjson.h", "src/jobs/run.hpp", "include/aio/run.hpp"),
                ("CLI/CLI.hpp", "src/primed/main.hpp", "src/jobs/run.hpp"),
                ("doctest/doctest.h", "tests/support/gate.hpp", "src/aio/handle.hpp"),
                ("asio/post.hpp", "bench/pool/peer.hpp", "tests/support/gate.hpp")):
            with self.subTest(header):
                self.assertEqual(self.found(there, header), [])
                found = self.found(elsewhere, header)
                self.assertEqual(len(found), 1, found)
                self.assertIn(f"{elsewhere}:2: {header}: only below ", found[0])

    def test_a_new_one_has_to_be_entered(self):
        for header in ("boost/asio.hpp", "sqlite3.h"):
            found = self.found("src/jobs/run.hpp", header)
            self.assertEqual(len(found), 1, found)
            self.assertIn(f"{header}: whose it is", found[0])

    def test_the_system_and_the_standard_are_everybodys(self):
        for header in ("vector", "sys/socket.h", "unistd.h", "immintrin.h", "aio/run.hpp"):
            self.assertEqual(self.found("src/jobs/run.hpp", header), [])


class Rooms(unittest.TestCase):
    rooms = unittest.mock.patch.dict(layers.ROOMS, {
        "aio": ["core", "loop", "tasks"], "jobs": ["json", "list"]}, clear=True)
    good = {
        "src/aio/CMakeLists.txt": "add_library(aio run.cpp core/error.cpp loop/run.cpp)\n",
        "src/aio/run.cpp": "",
        "src/aio/core/error.cpp": '#include "aio/error.hpp"\n#include "aio/handle.hpp"\n',
        "src/aio/loop/run.cpp": '#include "aio/run.hpp"\n#include "aio/error.hpp"\n',
        "src/aio/tasks/group.hpp": '#pragma once\n#include "aio/gather.hpp"\n',
        "include/aio/error.hpp": "#pragma once\n",
        "include/aio/gather.hpp": '#pragma once\n#include "aio/wait.hpp"\n',
        "include/aio/wait.hpp": '#pragma once\n#include "aio/run.hpp"\n',
        "include/aio/aio.hpp": '#pragma once\n#include "aio/error.hpp"\n'
                               '#include "aio/gather.hpp"\n#include "aio/run.hpp"\n'
                               '#include "aio/wait.hpp"\n',
        "src/jobs/json/text.hpp": '#pragma once\n#include "jobs/run.hpp"\n',
        "src/jobs/list/parse.hpp": '#pragma once\n#include "jobs/json/text.hpp"\n',
    }

    def found(self, changes):
        with self.rooms:
            return breaches(self.good | changes)

    def assert_breach(self, name, header, expected):
        self.assertEqual(self.found({name: f'#pragma once\n#include "{header}"\n'}),
                         [f"{name}:2: {header}: {expected}"])

    def test_a_room_includes_itself_and_those_below(self):
        self.assertEqual(self.found({}), [])

    def test_an_include_that_runs_back_up_fails(self):
        self.assert_breach("src/aio/loop/core.hpp", "aio/tasks/group.hpp",
                           "leads up, to the room 'tasks'")
        self.assert_breach("src/jobs/json/text.hpp", "jobs/list/parse.hpp",
                           "leads up, to the room 'list'")

    def test_what_stands_in_no_room_is_below_all(self):
        self.assert_breach("src/jobs/run.hpp", "jobs/json/text.hpp",
                           "leads up, to the room 'json'")

    def test_a_public_header_has_the_room_of_its_source(self):
        self.assert_breach("src/aio/core/frame.hpp", "aio/run.hpp",
                           "leads up, to the room 'loop'")
        self.assert_breach("include/aio/error.hpp", "aio/run.hpp",
                           "leads up, to the room 'loop'")

    def test_a_header_without_a_source_is_as_high_as_what_it_includes(self):
        self.assert_breach("src/aio/core/frame.hpp", "aio/gather.hpp",
                           "leads up, to the room 'loop'")

    def test_every_folder_is_a_room(self):
        found = self.found({"src/aio/misc/x.hpp": "#pragma once\n"})
        self.assertEqual(found, ["src/aio/misc/x.hpp:1: aio has no room 'misc': see ROOMS"])

    def test_each_way_up_that_is_let_pass_is_needed(self):
        root = Path(__file__).resolve().parents[2]
        for file, header in layers.UPWARD:
            self.assertIn(f'#include "{header}"', (root / file).read_text())


class Texts(unittest.TestCase):
    def assert_breach(self, text, expected, name="src/jobs/run.hpp"):
        found = breaches({name: text})
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def test_lines_are_at_most_100_columns(self):
        long = "// " + "ä" * 97
        self.assertEqual(breaches({"src/jobs/run.hpp": f"#pragma once\n{long}\n"}), [])
        self.assert_breach(f"#pragma once\n{long}ä\n", "2: 101 columns; at most 100")

    def test_scripts_are_held_to_the_same_columns(self):
        self.assert_breach("#!/bin/sh\n" + "#" * 101 + "\n", "101 columns", name="scripts/run")

    def test_files_are_at_most_400_lines_and_noted_above_300(self):
        self.assertEqual(breaches({"src/jobs/run.hpp": "#pragma once\n" + "//\n" * 399}), [])
        self.assert_breach("#pragma once\n" + "//\n" * 400, "401 lines; at most 400")

    def test_white_space_is_clean(self):
        self.assert_breach("#pragma once\n\tint x;\n", "2: tab")
        self.assertEqual(breaches({"bench/queue/peer.go": "func main() {\n\tgo wait()\n}\n"}), [])
        self.assert_breach("#pragma once \n", "1: white space at the end")
        self.assert_breach("#pragma once\r\n", "1: white space at the end")
        self.assert_breach("#pragma once\n//", "lacks its newline")
        self.assert_breach("#pragma once\n\n", "empty line at the end")

    def test_nothing_is_put_off(self):
        self.assert_breach("#pragma once\n// TO" + "DO: later\n", "2: 'TO" + "DO'")
        self.assert_breach("see FIX" + "ME\n", "1: 'FIX" + "ME'", name="README.md")

    def test_data_for_tests_is_as_it_has_to_be(self):
        self.assertEqual(breaches({"tests/jobs/bad/tab.json": b"\t \xff"}), [])

    def test_texts_are_utf8(self):
        self.assert_breach(b"#pragma once\n// \xff\n", "not UTF-8")

    def test_a_header_is_included_once(self):
        self.assert_breach("namespace jobs {}\n", "a header starts with #pragma once")
        self.assert_breach("// #pragma once\n", "a header starts with #pragma once")

    def test_a_source_starts_with_its_own_header(self):
        lists = {"src/aio/CMakeLists.txt": "add_library(aio STATIC\n  handle.cpp run.cpp)\n"}
        good = '// Handles.\n#include "aio/handle.hpp"\n\n#include <vector>\n'
        self.assertEqual(breaches(lists | {"src/aio/handle.cpp": good}), [])
        for text in ('#include <vector>\n#include "aio/handle.hpp"\n', "#include <uv.h>\n", "\n"):
            found = breaches(lists | {"src/aio/handle.cpp": text})
            self.assertIn("a source includes its own header before all else", found[0])

    def test_every_source_and_test_is_built(self):
        for name in ("src/aio/lost.cpp", "tests/jobs/lost_test.cpp", "tests/e2e/lost_test.py"):
            self.assert_breach("//\n", "named in no CMakeLists.txt", name=name)

    def test_a_source_that_is_commented_out_is_not_built(self):
        found = breaches({"src/aio/CMakeLists.txt": "add_library(aio STATIC)\n# run.cpp\n"})
        self.assertEqual(len(found), 1, found)

    def test_what_is_built_is_not_looked_at(self):
        self.assertEqual(breaches({"build/x.cpp": "\t", ".git/x.cpp": "\t"}), [])


def body(lines):
    """A body of that many lines, braces included."""
    return "{\n" + "  ;\n" * (lines - 2) + "}\n"


class Functions(unittest.TestCase):
    def lengths(self, text):
        return [count for _, count in cpp.long_functions(text, 70)]

    def test_a_function_is_at_most_70_lines(self):
        self.assertEqual(self.lengths("int f() " + body(70)), [])
        self.assertEqual(self.lengths("int f() " + body(71)), [71])

    def test_functions_are_found_in_namespaces_and_types(self):
        for head in ("namespace a::b {", "class A final : public B {", 'extern "C" {',
                     "template <typename T> struct A<T(int)> {", "namespace {",
                     'TEST_SUITE("the loop") {',
                     "template <class T>\n  requires(sizeof(T) > 1)\nclass A {"):
            with self.subTest(head):
                self.assertEqual(self.lengths(f"{head}\nvoid f() const " + body(80) + "}\n"), [80])

    def test_every_kind_of_function_counts(self):
        for head in ("A::A() : a_{1}, b_(2) ", "auto f() -> int ", "A operator()(struct B* b) ",
                     "template <class T> void f(T) ", 'TEST_CASE("it does; {so}") ',
                     "void f() noexcept(true) ", "Coro<void> f(int x = 1) "):
            with self.subTest(head):
                self.assertEqual(self.lengths(head + body(71)), [71])

    def test_a_lambda_counts_with_its_function_only(self):
        self.assertEqual(self.lengths("void f() {\n  g([] " + body(71) + ");\n}\n"), [74])

    def test_types_tables_and_enumerations_may_be_long(self):
        for head in ("struct A ", "constexpr int table[] = ", "enum class A : int "):
            with self.subTest(head):
                self.assertEqual(self.lengths(head + body(100)), [])

    def test_braces_in_comments_and_literals_are_none(self):
        text = textwrap.dedent('''
            void f() {  // {
              g('{', "{ \\" {", R"x(" { )" )x", 1'000, /* { */ u8'}');
            #define OPEN {
            }
        ''')
        self.assertEqual(self.lengths(text + "void h() " + body(71)), [71])


class Lambdas(unittest.TestCase):
    def found(self, text):
        return list(cpp.lost_captures(text))

    def test_a_coroutine_with_captures_is_not_called_and_left(self):
        for text in ("auto t = create_task([x]() -> Coro<int> { co_return x; }());",
                     "co_await [self] { co_await x; }();",
                     "auto f = [&]() -> Coro<int> { co_return x; }; auto t = create_task(f());",
                     "auto f = [=](int a) mutable -> Coro<void> { co_await a; }; return f(1);",
                     "auto f = [t]<class T>(T a) noexcept -> Coro<T> { co_return t; }; g(f(2));"):
            with self.subTest(text):
                self.assertEqual(self.found("\n" + text + "\n"), [2])
        found = breaches({"src/aio/handle.hpp": "#pragma once\nauto c = [&] { co_return; }();\n"})
        self.assertEqual(found, ["src/aio/handle.hpp:2: " + tidy.LOST_CAPTURES])

    def test_a_coroutine_with_captures_is_handed_over_or_awaited(self):
        for text in ("run([x] { co_await g(); });",
                     "co_await with(lock, [&]() -> Coro<void> { co_await g(x); });",
                     "auto f = [x]() -> Coro<int> { co_return x; }; auto t = create_task(f);",
                     "auto f = [x]() -> Coro<int> { co_return x; }; const int y = co_await f();",
                     "auto f = [x]() -> Coro<int> { co_return x; }; other.f(); of(x);"):
            with self.subTest(text):
                self.assertEqual(self.found(text), [])

    def test_other_lambdas_and_brackets_are_let_be(self):
        for text in ("auto f = [](int x) -> Coro<int> { co_return x; };",
                     "auto f = [&] { return g([](int x) -> Coro<int> { co_return x; }); };",
                     "Coro<int> f() { auto g = [&] { return x; }; co_return g(); }",
                     "Coro<int> f() { co_return a[i] + m[{1}]; }",
                     "[[nodiscard]] Coro<int> f() { co_return 1; }",
                     "// [x] { co_return x; }", 'g("[x] { co_return x; }");'):
            with self.subTest(text):
                self.assertEqual(self.found(text), [])


if __name__ == "__main__":
    unittest.main()
