"""The chapter's programs print what the chapter's programs print, in its order and at its times.

The folder with the programs is given as PRIMED_EXAMPLES.
"""

import contextlib
import os
import re
import signal
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDER = Path(os.environ["PRIMED_EXAMPLES"])
SLOW = 5 if os.environ.get("PRIMED_SANITIZE") else 1

COUNTDOWNS = ("countdown_sync", "countdown_async", "countdown_blocking", "countdown_threads")
CHECKS = ("prime_sync", "prime_async", "prime_run", "prime_processes")

ONE_AFTER_THE_OTHER = "A3 A2 A1 B3 B2 B1 C3 C2 C1".split()
AT_THE_SAME_TIME = "C3 B3 A3 C2 C1 B2 A2 B1 A1".split()
LINE = "-" * 40

LARGE, MEDIUM, SMALL = 9637529763296797, 427920331, 157
PROCESSING = {n: f"Processing {n}..." for n in (LARGE, MEDIUM, SMALL)}
VERDICT = {
    LARGE: f"{LARGE} is a prime number.",
    MEDIUM: f"{MEDIUM} is a prime number.",
    SMALL: f"{SMALL} is a prime number.",
}


def run(name, **variables):
    return subprocess.run([FOLDER / name], capture_output=True, text=True, timeout=60,
                          env=os.environ | variables)


def debug(name):
    return run(name, AIO_DEBUG="1")


def children(pid):
    """The processes whose parent is `pid`."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[1]) == pid:
            yield int(stat.parent.name)


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The countdowns only wait, so they run beside each other; the checks would slow them down.
        with ThreadPoolExecutor(len(COUNTDOWNS) + 1) as pool:
            debugged = pool.submit(debug, "countdown_blocking")
            cls.outcomes = dict(zip(COUNTDOWNS, pool.map(run, COUNTDOWNS)))
            cls.debugged = debugged.result()
        cls.outcomes |= {name: run(name) for name in CHECKS}

    def lines(self, name):
        outcome = self.outcomes[name]
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ""), name)
        self.assertTrue(outcome.stdout.endswith("\n"))
        return outcome.stdout.splitlines()

    def ticks(self, name):
        """The countdown's ticks as [(seconds, "A3"), …], after a look at every line."""
        *lines, last_line, done = self.lines(name)
        self.assertEqual((last_line, done), (LINE, "Done."))
        self.assertEqual(lines[::2], [LINE] * 9)
        ticks = []
        for text in lines[1::2]:
            tick = re.fullmatch(r"(\d+\.\d{4}) (\t+)([ABC]) = (\d)", text)
            self.assertTrue(tick, repr(text))
            self.assertEqual(len(tick[2]), 1 + "ABC".index(tick[3]))
            ticks.append((float(tick[1]), tick[3] + tick[4]))
        return ticks

    def assert_times(self, ticks, due):
        for (seconds, what), expected in zip(ticks, due, strict=True):
            self.assertGreaterEqual(seconds, expected - 0.0001, what)
            self.assertLess(seconds, expected + 0.35 * SLOW, what)

    def test_sequential_and_blocking_countdowns_take_the_sum_of_their_times(self):
        for name in ("countdown_sync", "countdown_blocking"):
            with self.subTest(name):
                ticks = self.ticks(name)
                self.assertEqual([what for _, what in ticks], ONE_AFTER_THE_OTHER)
                self.assert_times(ticks, (1, 2, 3, 3.8, 4.6, 5.4, 5.9, 6.4, 6.9))

    def test_countdowns_at_the_same_time_take_as_long_as_the_longest(self):
        for name in ("countdown_async", "countdown_threads"):
            with self.subTest(name):
                ticks = self.ticks(name)
                if name == "countdown_threads":  # A3 and C2 are due together, on two threads
                    ticks.sort(key=lambda tick: AT_THE_SAME_TIME.index(tick[1]))
                self.assertEqual([what for _, what in ticks], AT_THE_SAME_TIME)
                self.assert_times(ticks, (0.5, 0.8, 1, 1, 1.5, 1.6, 2, 2.4, 3))

    def test_debug_mode_says_what_is_wrong_with_the_blocking_countdown(self):
        self.assertEqual(self.debugged.returncode, 0)
        self.assertEqual(self.debugged.stdout.count(" = "), 9)
        source = Path(__file__).resolve().parents[2] / "examples/countdown_blocking.cpp"
        made = [number for number, line in enumerate(source.read_text().splitlines(), 1)
                if "create_task(" in line]
        for task, line, seconds in zip((1, 2, 3), made, (3.0, 2.4, 1.5), strict=True):
            found = re.search(
                rf"(?m)^aio: Task 'Task-{task}' took (\d+\.\d+) seconds in one step, from its "
                rf"start \(made at countdown_blocking\.cpp:{line}\) to its end: a blocking call "
                r"keeps the whole loop waiting; use await sleep or to_thread$",
                self.debugged.stderr)
            self.assertTrue(found, self.debugged.stderr)
            self.assertGreaterEqual(float(found[1]), seconds - 0.001)

    def test_checks_one_after_the_other(self):
        *lines, took = self.lines("prime_sync")
        self.assertEqual(
            lines,
            [text for n in (LARGE, MEDIUM, SMALL) for text in (PROCESSING[n], VERDICT[n])])
        self.assertRegex(took, r"^Took \d+\.\d\d seconds\.$")

    def test_cooperative_checks_let_the_small_ones_end_first(self):
        for name in ("prime_async", "prime_run"):
            with self.subTest(name):
                *lines, took = self.lines(name)
                self.assertEqual(lines, [
                    PROCESSING[LARGE],
                    PROCESSING[MEDIUM], VERDICT[MEDIUM],
                    PROCESSING[SMALL], VERDICT[SMALL],
                    VERDICT[LARGE],
                ])
                self.assertRegex(took, r"^Took \d+\.\d\d seconds\.$")

    def test_checks_in_processes_do_not_wait_for_each_other(self):
        *lines, took = self.lines("prime_processes")
        self.assertEqual(sorted(lines), sorted([*PROCESSING.values(), *VERDICT.values()]))
        for n in (LARGE, MEDIUM, SMALL):
            self.assertLess(lines.index(PROCESSING[n]), lines.index(VERDICT[n]))
        self.assertEqual(lines[-1], VERDICT[LARGE])
        self.assertRegex(took, r"^Took \d+\.\d\d seconds\.$")

    def test_a_process_that_is_killed_is_a_problem_that_is_told(self):
        for _ in range(20):  # the checks may be done before the kill
            returncode, out, err, workers = self.killed()
            if "There was a problem" in out:
                break
        self.assertEqual((returncode, err), (0, ""))
        self.assertRegex(out, r"(?s)There was a problem:\nthe worker process \d+ was killed by "
                              r"signal 9 \(Killed\)[^\n]*\n$")
        self.assertFalse([worker for worker in workers if Path(f"/proc/{worker}").exists()])

    def killed(self):
        with subprocess.Popen([FOLDER / "prime_processes"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as program:
            while program.stdout.readline() != PROCESSING[LARGE] + "\n":
                self.assertIsNone(program.poll())
            workers = list(children(program.pid))
            for worker in workers:
                with contextlib.suppress(ProcessLookupError):  # the program ends when one has
                    os.kill(worker, signal.SIGKILL)
            out, err = program.communicate(timeout=60)
        return program.returncode, out, err, workers


if __name__ == "__main__":
    unittest.main()
