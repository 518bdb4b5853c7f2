"""Starts primed for the end-to-end tests, speaks to it, and reads what it writes.

The path of the program is in the environment as PRIMED_PROGRAM; ctest sets it.
"""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("PRIMED_PROGRAM", str(ROOT / "build/release/bin/primed"))
SANITIZED = bool(os.environ.get("PRIMED_SANITIZE"))
# What a machine that is busy with other things, or a sanitizer, may add to a time.
SLACK = 5.0 if SANITIZED else 1.0

# 2^64 - 59: trial division of it takes seconds.
SLOW_PRIME = 18446744073709551557

STATES = ["succeeded", "failed", "timed_out", "cancelled", "interrupted", "skipped"]
KEYS = {
    "run": ["event", "schema_version", "run_id", "program", "host", "started_at"],
    "tick": ["event", "job_id", "kind", "value", "elapsed_ms", "lateness_ms"],
    "check": ["event", "job_id", "index", "number", "prime", "certainty", "method"],
    "result": ["event", "job_id", "kind", "state", "attempt", "started_at", "duration_ns"],
    "rejected": ["event", "line", "column", "error"],
    "summary": ["event", "accepted", *STATES, "left", "rejected", "wall_ms"],
}


class Outcome:
    """How a run of the program ended and what it wrote."""

    def __init__(self, code, out, err, seconds=0.0, cpu_seconds=0.0, peak_kib=0):
        self.code = code
        self.out = out
        self.err = err
        self.seconds = seconds
        self.cpu_seconds = cpu_seconds
        self.peak_kib = peak_kib
        self._records = None

    @property
    def records(self):
        """Standard output; every line has to be one JSON object."""
        if self._records is None:
            assert not self.out or self.out.endswith(b"\n"), f"last line is cut: {self.out[-80:]!r}"
            self._records = [parse_record(line) for line in self.out.splitlines()]
        return self._records

    def of(self, event):
        return [record for record in self.records if record["event"] == event]

    @property
    def summary(self):
        return self.records[-1]

    def result(self, job_id):
        (found,) = [record for record in self.of("result") if record["job_id"] == job_id]
        return found


def parse_record(line):
    record = json.loads(line)
    assert isinstance(record, dict), line
    return record


class Running:
    """The program under way. A `with` block ends it, however the block is left."""

    def __init__(self, *arguments, env=None, cwd=None, stdin=subprocess.PIPE,
                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, program=PROGRAM):
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [program, *map(str, arguments)], stdin=stdin, stdout=stdout, stderr=stderr,
            cwd=cwd, env=environment(env), bufsize=0)
        self._changed = threading.Condition()
        self._texts = {"out": b"", "err": b""}
        self._threads = [
            threading.Thread(target=self._collect, args=(name, stream), daemon=True)
            for name, stream in (("out", self.process.stdout), ("err", self.process.stderr))
            if stream is not None]
        for thread in self._threads:
            thread.start()

    def _collect(self, name, stream):
        pieces = []
        while piece := stream.read(65536):
            with self._changed:
                pieces.append(piece)
                # Joined seldom when there is much: a list of a million lines stays affordable.
                if len(piece) < 65536 or len(pieces) > 64:
                    self._texts[name] += b"".join(pieces)
                    pieces.clear()
                    self._changed.notify_all()
        with self._changed:
            self._texts[name] += b"".join(pieces)
            self._changed.notify_all()

    def write(self, data):
        self.process.stdin.write(data.encode() if isinstance(data, str) else data)

    def feed(self, data):
        """Writes all of `data`, for as long as it takes, and closes."""
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self.process.stdin.write(rest):]
            self.close_input()
        except BrokenPipeError:
            pass  # the program need not read what it does not want

    def close_input(self):
        self.process.stdin.close()

    def signal(self, number):
        os.kill(self.process.pid, number)  # Popen's own would wait for it, and `wait` has to

    def is_up(self):
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def wait_for_out(self, text, timeout=20):
        """Waits until standard output holds `text`."""
        self._wait_for("out", text.encode(), timeout)

    def wait_for_err(self, text, timeout=20):
        self._wait_for("err", text.encode(), timeout)

    def wait_for_event(self, event, timeout=20):
        self.wait_for_out(f'{{"event":"{event}"', timeout)

    def _wait_for(self, name, text, timeout):
        with self._changed:
            if not self._changed.wait_for(lambda: text in self._texts[name], timeout * SLACK):
                raise AssertionError(f"no {text!r} within {timeout} s; there is: {self._texts}")

    def wait(self, timeout=60):
        """Waits for the end; the program has to come to it by itself."""
        deadline = time.monotonic() + timeout * SLACK
        peak = 0
        while True:
            # Not ru_maxrss: that one counts what this process had when it forked.
            peak = max(peak, peak_kib(self.process.pid))
            done, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if done:
                break
            if time.monotonic() > deadline:
                raise AssertionError(f"still there after {timeout} s; wrote {self._texts}")
            time.sleep(0.002)
        seconds = time.monotonic() - self.started
        self.process.returncode = os.waitstatus_to_exitcode(status)
        for thread in self._threads:
            thread.join(10)
        err = self._texts["err"].decode("utf-8", errors="backslashreplace")
        cpu_seconds = usage.ru_utime + usage.ru_stime
        return Outcome(self.process.returncode, self._texts["out"], err, seconds, cpu_seconds, peak)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()
        for thread in self._threads:
            thread.join(10)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass


def peak_kib(pid):
    """The most memory that a process has held so far; 0 once it has ended."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def environment(changes):
    """The caller's, without settings of primed that may be in it by chance."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRIMED_")}
    return kept | (changes or {})


def run(*arguments, input=b"", timeout=60, **options):
    """Runs the program to its end with `input`, a text, on standard input."""
    data = input.encode() if isinstance(input, str) else input
    with Running(*arguments, **options) as running:
        feeder = threading.Thread(target=running.feed, args=(data,), daemon=True)
        feeder.start()
        outcome = running.wait(timeout)
        feeder.join(10)
        return outcome


def run_jobs(*jobs, options=(), timeout=60, command="run", **others):
    """Runs a list of these jobs from standard input."""
    return run(command, "-", *options, input=json.dumps({"jobs": jobs}), timeout=timeout, **others)


def run_on_terminal(*arguments, timeout=60):
    """Runs the program with a terminal as its standard error; what came there is in `err`."""
    ours, theirs = pty.openpty()
    shown = b""
    try:
        with Running(*arguments, env={"TERM": "xterm"}, stdin=subprocess.DEVNULL,
                     stderr=theirs) as running:
            os.close(theirs)
            while piece := _read_terminal(ours):
                shown += piece
            outcome = running.wait(timeout)
    finally:
        os.close(ours)
    outcome.err = shown.decode("utf-8", errors="backslashreplace")
    return outcome


def _read_terminal(descriptor):
    try:
        return os.read(descriptor, 4096)
    except OSError:  # EIO: nobody holds the other end any more
        return b""


def is_prime(n):
    """Strong tests to the first 13 prime bases: exact below 3.3 * 10^24."""
    bases = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
    if n < 2 or any(n % p == 0 for p in bases):
        return n in bases
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(n, base, odd, twos) for base in bases)


def _passes(n, base, odd, twos):
    x = pow(base, odd, n)
    return x == 1 or any(pow(x, 2**i, n) == n - 1 for i in range(twos))


class Case(unittest.TestCase):
    """Test cases with what holds for every run."""

    maxDiff = None

    def assert_accounted(self, outcome):
        """First a run, last a summary, known keys in their order, and every job counted once."""
        records = outcome.records
        self.assertEqual([r["event"] for r in records].count("run"), 1, outcome.err)
        self.assertEqual([r["event"] for r in records].count("summary"), 1, outcome.err)
        self.assertEqual((records[0]["event"], records[-1]["event"]), ("run", "summary"))
        for record in records:
            self.assert_keys(record)
        results = outcome.of("result")
        ids = [result["job_id"] for result in results]
        self.assertEqual(len(ids), len(set(ids)), "a job has two results")
        for state in STATES:
            count = sum(1 for result in results if result["state"] == state)
            self.assertEqual(outcome.summary[state], count, state)
        self.assertEqual(outcome.summary["accepted"], len(results) + outcome.summary["left"])
        self.assertEqual(outcome.summary["rejected"], len(outcome.of("rejected")))

    def assert_keys(self, record):
        expected = list(KEYS[record["event"]])
        if record["event"] == "result":
            expected.append("result" if record["state"] == "succeeded" else "error")
        self.assertEqual(list(record), expected)

    def assert_code(self, outcome, code):
        self.assertEqual(outcome.code, code, outcome.err[-2000:])


def main():
    """Runs the tests of the calling file; exits 77, which ctest takes for skipped, if all were."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"there is no program {PROGRAM}")
    result = unittest.main(module="__main__", exit=False, verbosity=2).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.skipped and len(result.skipped) >= result.testsRun else 0)
