"""What the figures depend on besides the code: the machine, its system, and the versions."""

import os
import platform
import re
import subprocess
from pathlib import Path

PACKAGES = {
    "libuv1-dev": "libuv",
    "nlohmann-json3-dev": "nlohmann_json",
    "libsimdjson-dev": "simdjson",
    "libgmp-dev": "GMP",
    "libflint-dev": "FLINT",
    "libpari-dev": "PARI",
    "libasio-dev": "asio",
    "python3-uvloop": "uvloop",
    "python3-gmpy2": "gmpy2",
    "libmath-prime-util-perl": "Math::Prime::Util",
    "libbenchmark-dev": "Google Benchmark",
    "coreutils": "coreutils",
    "parallel": "GNU parallel",
}


def _first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return "not installed"
    return (done.stdout or done.stderr).strip().splitlines()[0]


def _processor():
    text = Path("/proc/cpuinfo").read_text()
    fields = dict(re.findall(r"^([\w ]+?)\s*: (.*)$", text, re.MULTILINE))
    ifma = "with" if "avx512ifma" in fields.get("flags", "") else "without"
    family = f"family {fields.get('cpu family')} model {fields.get('model')}"
    return f"{os.cpu_count()} × {fields.get('model name')} ({family}), {ifma} AVX-512 IFMA"


def _version(package):
    command = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return None
    status, _, version = done.stdout.partition(" ")
    return version if status == "installed" else None


def _flags(programs):
    """The compiler's flags as CMake has them."""
    cache = (programs.parent / "CMakeCache.txt").read_text()
    entries = dict(re.findall(r"^(\w+):\w+=(.*)$", cache, re.MULTILINE))
    kind = entries.get("CMAKE_BUILD_TYPE", "")
    flags = entries.get(f"CMAKE_CXX_FLAGS_{kind.upper()}", "")
    return f"{entries.get('CMAKE_CXX_FLAGS', '')} {flags} ({kind})".strip(), entries


def describe(programs):
    """Pairs of a name and what stands behind it."""
    flags, entries = _flags(programs)
    versions = {name: _version(package) for package, name in PACKAGES.items()}
    installed = [f"{name} {version}" for name, version in versions.items() if version]
    missing = [name for name, version in versions.items() if not version]
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return [
        ("processor", _processor()),
        ("memory", f"{int(memory[1]) // 2**20} GiB"),
        ("system", f"{system}, Linux {platform.release()}"),
        ("compiler", _first_line(entries.get("CMAKE_CXX_COMPILER", "c++"), "--version")),
        ("flags", f"`{flags}`; never `-march=native`"),
        ("packages", ", ".join(installed)),
        ("not installed", ", ".join(missing) or "–"),
        ("Python", _first_line("/usr/bin/python3", "--version")),
        ("Node.js", _first_line("node", "--version")),
        ("Go", _first_line("go", "version")),
        ("Perl", _first_line("perl", "-e", "print $^V")),
    ]
