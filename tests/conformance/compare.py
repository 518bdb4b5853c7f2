#!/usr/bin/env python3
"""Runs every scenario in C++ and under each Python that is found, and compares the traces.

    compare.py PROGRAM [NAME ...]

PROGRAM is conformance-scenarios. A scenario runs under every Python that is new enough for it; the
first line that differs is shown with the lines around it. Exits 1 if any trace differs, 77 if no
Python is new enough for any scenario.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from scenario import OLDEST, SCENARIOS
from scenarios import load_all

HERE = Path(__file__).parent
SECONDS = 240
CONTEXT = 3


def candidates():
    yield "/usr/bin/python3"
    for name in ["python3"] + [f"python3.{minor}" for minor in range(OLDEST[1], 20)]:
        if found := shutil.which(name):
            yield found
    home = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    yield from sorted(glob.glob(f"{home}/versions/*/bin/python3"))


def version_of(python):
    """(major, minor, micro), or None if it does not run."""
    code = "import sys; print(*sys.version_info[:3])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    except OSError:
        return None
    return tuple(map(int, done.stdout.split())) if done.returncode == 0 else None


def pythons():
    """One Python of each version that is new enough, by version."""
    found = {}
    for python in candidates():
        if os.path.exists(python) and (version := version_of(python)) and version >= OLDEST:
            found.setdefault(version, python)
    return dict(sorted(found.items()))


def traces(command):
    """The trace of each scenario that `command` prints, by its name."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        output, errors, code = done.stdout, done.stderr, done.returncode
    except subprocess.TimeoutExpired as expired:
        output = (expired.stdout or b"").decode()
        errors, code = f"still running after {SECONDS} s", 1
    if code != 0:
        last = re.findall(r"^== (\w+)$", output, re.M)[-1:] or ["the first scenario"]
        sys.exit(f"{' '.join(map(str, command[:3]))} failed in {last[0]}, code {code}:\n{errors}")
    parts = re.split(r"^== (\w+)\n", output, flags=re.M)
    return {name: body.splitlines() for name, body in zip(parts[1::2], parts[2::2])}


def first_difference(expected, actual):
    """The index of the first line that differs, or None."""
    for i in range(max(len(expected), len(actual))):
        if expected[i : i + 1] != actual[i : i + 1]:
            return i
    return None


def show(title, lines, where):
    print(f"  {title}:")
    for i in range(max(0, where - CONTEXT), where + CONTEXT + 1):
        line = lines[i] if i < len(lines) else "(the end)" if i == len(lines) else None
        if line is not None:
            print(f"  {'>' if i == where else ' '} {i + 1:3} {line}")


def compare_with(name, version, expected, actual):
    """Whether the traces are what they should be: the same, or different for a reason."""
    label = f"{name} ({' '.join(SCENARIOS[name].labels)})"
    python = "Python " + ".".join(map(str, version))
    where = first_difference(expected, actual)
    if SCENARIOS[name].differs:
        if where is None:
            print(f"{label}: is said to differ and is the same under {python}")
        return where is not None
    if where is None:
        return True
    print(f"{label} differs at line {where + 1}:")
    show(python, expected, where)
    show("C++", actual, where)
    return False


def without_counterpart(cpp_names):
    """Scenarios that exist in one language only."""
    missing = sorted(set(SCENARIOS) ^ cpp_names)
    for name in missing:
        print(f"{name}: exists only in {'C++' if name in cpp_names else 'Python'}")
    return missing


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 64
    program, names = sys.argv[1], sys.argv[2:]
    load_all()
    found = pythons()
    if not found:
        print(f"skipped: no Python {OLDEST[0]}.{OLDEST[1]} or newer was found")
        return 77
    cpp = traces([program, *(names or ["--all"])])
    good = names or not without_counterpart(set(cpp))
    compared = set()
    for version, python in found.items():
        wanted = [name for name in names or SCENARIOS if SCENARIOS[name].oldest <= version]
        for name, expected in traces([python, "-BE", HERE / "python_traces.py", *wanted]).items():
            compared.add(name)
            if name in cpp and not compare_with(name, version, expected, cpp[name]):
                good = False
        print(f"Python {'.'.join(map(str, version))}: {len(wanted)} scenarios")
    for name in sorted(set(names or SCENARIOS) - compared):
        oldest = ".".join(map(str, SCENARIOS[name].oldest))
        print(f"{name}: not compared, needs Python {oldest}")
    print("all traces agree" if good else "traces differ")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
