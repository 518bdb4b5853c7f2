#!/usr/bin/env python3
"""Checks what a compiler does not: layers, rooms, sizes, words, and that all of it is built.

    tidy.py ROOT

Prints one line `file:line: what is wrong` for each breach and exits 1 if there is any. Long files
that are still within bounds are noted on the way and do not count.
"""

import re
import sys
from pathlib import Path, PurePosixPath

from cpp import blank_out, long_functions, lost_captures
from layers import INCLUDE, check_layers, check_rooms, includes

COLUMNS_MAX = 100
FILE_LINES_MAX = 400
FILE_LINES_NOTED = 300
FUNCTION_LINES_MAX = 70

CODE = {".hpp", ".cpp"}
SIZED = CODE | {".py", ".cmake", ".sh"}
TABBED = {".go"}  # gofmt indents with tabs
SKIPPED_FOLDERS = {".git", ".cache", "__pycache__"}

# Put together here, so that this file does not hold them.
WORDS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
LOST_CAPTURES = ("calls a coroutine that is a lambda with captures, which may be gone when it goes "
                 "on: hand it over uncalled, as in create_task(f, args...), or await it here")


class Tree:
    """The files of the house, as paths relative to its root with their texts."""

    def __init__(self, root):
        self.root = Path(root)
        self.breaches = []
        self.notes = []
        self.files = {}
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root)
            skipped = SKIPPED_FOLDERS & set(name.parts) or name.parts[0].startswith("build")
            if path.is_file() and not path.is_symlink() and not skipped:
                self.files[PurePosixPath(name)] = path.read_bytes()

    def breach(self, name, line, what):
        self.breaches.append(f"{name}:{line}: {what}")

    def text(self, name):
        return self.files[name].decode("utf-8", errors="replace")

    def code(self, *folders):
        """Names of the C++ files, below one of `folders` if any is given."""
        for name in self.files:
            if name.suffix in CODE and (not folders or name.parts[0] in folders):
                yield name


def is_script(name, data):
    return data.startswith(b"#!")


def is_sized(name, data):
    return name.suffix in SIZED or name.name in ("CMakeLists.txt", "Dockerfile") or is_script(
        name, data)


def is_test_data(name, data):
    """Malformed lists, expected output and the like."""
    return name.parts[0] == "tests" and not is_sized(name, data)


def check_text(tree):
    """Encoding, white space, words, long lines, long files."""
    for name, data in tree.files.items():
        if b"\0" in data or is_test_data(name, data):
            continue
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            tree.breach(name, 1, "not UTF-8")
            continue
        sized = is_sized(name, data)
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            check_line(tree, name, number, line, sized)
        if text and not text.endswith("\n"):
            tree.breach(name, len(lines), "the last line lacks its newline")
        if text.endswith("\n\n"):
            tree.breach(name, len(lines) - 1, "empty line at the end")
        if sized:
            check_length(tree, name, len(lines) - 1)


def check_line(tree, name, number, line, sized):
    if "\t" in line and name.suffix not in TABBED:
        tree.breach(name, number, "tab")
    if line != line.rstrip():
        tree.breach(name, number, "white space at the end of the line")
    if sized and len(line) > COLUMNS_MAX:
        tree.breach(name, number, f"{len(line)} columns; at most {COLUMNS_MAX}")
    if word := WORDS.search(line):
        tree.breach(name, number, f"'{word[0]}': do it, or say in words why not")


def check_length(tree, name, count):
    if count > FILE_LINES_MAX:
        tree.breach(name, FILE_LINES_MAX, f"{count} lines; at most {FILE_LINES_MAX}")
    elif count > FILE_LINES_NOTED:
        tree.notes.append(f"{name}: note: {count} lines, more than {FILE_LINES_NOTED}")


def check_functions(tree):
    for name in tree.code():
        for line, count in long_functions(tree.text(name), FUNCTION_LINES_MAX):
            tree.breach(name, line, f"function of {count} lines; at most {FUNCTION_LINES_MAX}")


def check_lambdas(tree):
    """Tests are left out: they keep their lambdas until what runs in them has ended."""
    for name in tree.code("include", "src", "examples"):
        for line in sorted(set(lost_captures(tree.text(name)))):
            tree.breach(name, line, LOST_CAPTURES)


def check_headers(tree):
    for name in tree.code():
        if name.suffix != ".hpp":
            continue
        first = blank_out(tree.text(name)).split()[:2]
        if first != ["#pragma", "once"]:
            tree.breach(name, 1, "a header starts with #pragma once")


def check_own_header(tree):
    """So the header is compiled on its own, and seen to include what it needs."""
    for name in tree.code("src"):
        header = name.with_suffix(".hpp")
        if name.suffix == ".cpp" and header in tree.files:
            line, first = next(iter(includes(tree, name)), (1, None))
            if first != str(header.relative_to("src")):
                tree.breach(name, line, "a source includes its own header before all else")


def check_umbrella(tree):
    """aio.hpp has includes and nothing else, and every public header but the one for tests."""
    name = PurePosixPath("include/aio/aio.hpp")
    if name not in tree.files:
        return
    blank = blank_out(tree.text(name), strings=False).split("\n")
    for number, line in enumerate(blank, 1):
        if line.strip() and not INCLUDE.match(line) and line.strip() != "#pragma once":
            tree.breach(name, number, "an umbrella has includes and nothing else")
    seen = {header for _, header in includes(tree, name)}
    for header in tree.files:
        if header.parent == name.parent and header.name not in ("aio.hpp", "testing.hpp"):
            if f"aio/{header.name}" not in seen:
                tree.breach(name, 1, f"does not include aio/{header.name}")


def check_built(tree):
    """Every source and every test is named in a CMakeLists.txt of its folder or above it."""
    for name in tree.files:
        if name.parts[0] not in ("src", "tests", "examples", "bench"):
            continue
        is_test_script = name.parts[0] == "tests" and name.match("*_test.py")
        if name.suffix == ".cpp" or is_test_script:
            if not is_named(tree, name):
                tree.breach(name, 1, "named in no CMakeLists.txt: it is never built or run")


def is_named(tree, name):
    for folder in name.parents:
        lists = folder / "CMakeLists.txt"
        if lists not in tree.files:
            continue
        text = re.sub(r"#.*|\$\{\w+\}/", "", tree.text(lists))
        words = set(re.split(r"[\s()\"=]+", text))
        below = name.relative_to(folder)
        if words & {str(below), str(below.with_suffix("")), below.stem}:
            return True
        stem = below.stem.removesuffix("_test")  # the e2e tests are named without their ending
        if folder == name.parent and name.suffix == ".py" and stem in words:
            return True
    return False


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    tree = Tree(sys.argv[1])
    for check in (check_text, check_functions, check_lambdas, check_layers, check_rooms,
                  check_headers, check_own_header, check_umbrella, check_built):
        check(tree)
    for line in tree.notes + tree.breaches:
        print(line)
    print(f"tidy: {len(tree.files)} files, {len(tree.breaches)} breaches")
    return 1 if tree.breaches or not tree.files else 0


if __name__ == "__main__":
    sys.exit(main())
