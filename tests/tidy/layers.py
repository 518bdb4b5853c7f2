"""Who may include whom: layers, the rooms within a layer, and the headers of others."""

import re
from pathlib import PurePosixPath

from cpp import blank_out

# Which layers a layer may include, itself aside. Examples see what a user of the library sees.
LAYERS = {
    "aio": set(),
    "primes": set(),
    "jobs": {"aio", "primes"},
    "primed": {"aio", "primes", "jobs"},
    "examples": {"aio", "primes"},
}
# The rooms of a layer, from the ground floor up: a room includes itself and those before it. What
# stands directly in src/LAYER is below all of them. A public header has the room of its source
# (include/aio/lock.hpp that of src/aio/sync/lock.cpp); one without a source is on the floor of the
# highest header that it includes.
ROOMS = {
    "aio": ["core", "loop", "tasks", "sync", "threads", "streams", "processes", "inspect"],
    "jobs": ["json", "output", "kinds", "list", "bulk", "ledger", "lanes", "run"],
}
# Includes that lead up all the same: the file, the header, why.
UPWARD = {
    ("include/aio/event_loop.hpp", "aio/executor.hpp"): "run_in_executor is EventLoop's, as in "
                                                        "asyncio, and a template",
}
# Where a header of somebody else may be included. Tests and measurements of aio hand it a loop that
# libuv's own interface has made, or measure against it.
OUTSIDERS = {
    "CLI/": ("src/primed/",),
    "asio": ("bench/",),
    "benchmark/": ("bench/",),
    "doctest/": ("tests/",),
    "flint/": ("tests/primes/", "bench/"),
    "gmp": ("src/primes/", "tests/primes/", "bench/"),
    "nlohmann/": ("src/jobs/", "src/primed/", "tests/", "bench/"),
    "pari/": ("bench/",),
    "simdjson": ("src/jobs/",),
    "sodium": ("src/jobs/",),
    "uv.h": ("src/aio/", "tests/aio/", "bench/"),
}
# What the system and the compiler bring, beside the headers without an ending of the standard.
SYSTEM = re.compile(
    r"(arpa|linux|net|netinet|sanitizer|sys)/"
    r"|(cxxabi|dirent|errno|fcntl|ftw|getopt|grp|immintrin|limits|malloc|netdb|poll|pthread|pwd"
    r"|sched|semaphore|signal|spawn|stdint|stdlib|string|syslog|termios|time|unistd)\.h$")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(name):
    if name.parts[0] in ("include", "src"):
        return name.parts[1]
    return name.parts[0]


def include_lines(tree, name):
    """Line, opening mark and header of each include; comments do not count."""
    lines = tree.text(name).split("\n")
    for number, blank in enumerate(blank_out(tree.text(name), strings=False).split("\n"), 1):
        if INCLUDE.match(blank):
            yield number, *INCLUDE.match(lines[number - 1]).groups()


def includes(tree, name):
    """Line and header of each include."""
    for number, _, header in include_lines(tree, name):
        yield number, header


def check_layers(tree):
    for name in tree.code():
        for number, mark, header in include_lines(tree, name):
            check_include(tree, name, number, header)
            if mark == "<":
                check_outsider(tree, name, number, header)


def check_include(tree, name, number, header):
    if ".." in header.split("/"):
        tree.breach(name, number, f"{header}: includes name the layer, not the way there")
    here, there = layer_of(name), header.split("/")[0]
    if there not in LAYERS or "/" not in header:
        return
    if here in LAYERS and there != here and there not in LAYERS[here]:
        tree.breach(name, number, f"{header}: layer {here} does not see {there}")
    elif is_private(tree, name, header):
        tree.breach(name, number, f"{header}: private to src/{there}")


def check_outsider(tree, name, number, header):
    is_standard = not re.search(r"[./]", header)
    if is_standard or SYSTEM.match(header) or header.split("/")[0] in LAYERS:
        return
    folders = next((OUTSIDERS[start] for start in OUTSIDERS if header.startswith(start)), None)
    if folders is None:
        tree.breach(name, number, f"{header}: whose it is, and where it may be included, is to be "
                                  "said in tests/tidy/layers.py")
    elif not str(name).startswith(folders):
        tree.breach(name, number, f"{header}: only below {', '.join(folders)}")


def is_private(tree, name, header):
    """Whether `header` is none of the public ones of aio or primes, and `name` is a stranger."""
    there = header.split("/")[0]
    if there not in ("aio", "primes") or PurePosixPath("include", header) in tree.files:
        return False
    inside = (PurePosixPath("src", there), PurePosixPath("tests", there), PurePosixPath("bench"))
    return not any(folder in name.parents for folder in inside)


class Floors:
    """On which floor of its layer each file is: its room's number, or -1 below all rooms."""

    def __init__(self, tree):
        self.tree = tree
        self.found = {}

    def floor(self, name):
        if name not in self.found:
            self.found[name] = -1  # until it is known, for headers that include each other
            self.found[name] = self.look_up(name)
        return self.found[name]

    def look_up(self, name):
        rooms = ROOMS[layer_of(name)]
        if name.parts[0] == "src":
            return rooms.index(name.parts[2]) if len(name.parts) > 3 else -1
        if (floor := self.of_source(name)) is not None:
            return floor
        return max((self.floor(header) for _, header in self.includes(name)), default=-1)

    def of_source(self, name):
        """The floor of the source of a public header."""
        layer = layer_of(name)
        for floor, room in enumerate(ROOMS[layer]):
            if PurePosixPath("src", layer, room, f"{name.stem}.cpp") in self.tree.files:
                return floor
        return None

    def includes(self, name):
        """Line and file of each header of the same layer that `name` includes."""
        for number, header in includes(self.tree, name):
            for top in ("include", "src"):
                file = PurePosixPath(top, header)
                if file in self.tree.files and layer_of(file) == layer_of(name):
                    yield number, file


def check_rooms(tree):
    floors = Floors(tree)
    names = [name for name in tree.code("include", "src") if layer_of(name) in ROOMS]
    unknown = {name for name in names if name.parts[0] == "src" and len(name.parts) > 3
               and name.parts[2] not in ROOMS[layer_of(name)]}
    for name in unknown:
        tree.breach(name, 1, f"{layer_of(name)} has no room '{name.parts[2]}': see ROOMS")
    if unknown:
        return
    for name in names:
        for number, file in floors.includes(name):
            header = str(PurePosixPath(*file.parts[1:]))
            if floors.floor(file) > floors.floor(name) and (str(name), header) not in UPWARD:
                there = ROOMS[layer_of(name)][floors.floor(file)]
                tree.breach(name, number, f"{header}: leads up, to the room '{there}'")
