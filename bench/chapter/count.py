"""Counts the instructions, and the processor time, of trial division with and without turns of a
loop: the whole programs, as valgrind and the kernel see them."""

import re
import resource
import subprocess
import sys
import tempfile

CONTENDER, PROGRAM = sys.argv[1:3]
SMOKE = "--smoke" in sys.argv
LARGE = 999_999_999_989 if SMOKE else 9_637_529_763_296_797  # primes; the second is the chapter's


def instructions():
    with tempfile.NamedTemporaryFile() as profile:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile.name}"]
        done = subprocess.run([*command, PROGRAM, str(LARGE)], stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def cpu_seconds():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([PROGRAM, str(LARGE)], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


candidates = LARGE**0.5 / 2
print(CONTENDER, "candidate", f"{cpu_seconds() * 1e9 / candidates:.6g}")
print(CONTENDER, "instructions", f"{instructions() / 1e6:.8g}")
