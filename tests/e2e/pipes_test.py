"""Standard input and output as pipes: line by line, closed early, slow, full; and the terminal."""

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import primed


def lines(count, **others):
    job = json.dumps({"kind": "prime", "number": 1000003} | others)
    return f"{job}\n" * count


class Input(primed.Case):
    def test_a_number_beyond_64_bits_is_answered_exactly(self):
        outcome = primed.run(
            "run", "-",
            input='{"jobs":[{"kind":"prime","number":170141183460469231731687303715884105727}]}\n')
        self.assert_code(outcome, 0)
        self.assert_accounted(outcome)
        result = outcome.result("job-1")["result"]
        self.assertEqual(result["number"], "170141183460469231731687303715884105727")
        self.assertIs(result["prime"], True)
        self.assertEqual(result["certainty"], "probable")

    def test_a_line_is_answered_while_the_pipe_stays_open(self):
        with primed.Running("run", "-", "--input", "ndjson") as running:
            for n in range(1, 6):
                running.write(f'{{"id":"n{n}","kind":"prime","number":{n}}}\n')
                start = time.monotonic()
                running.wait_for_out(f'"job_id":"n{n}"', timeout=2)
                self.assertLess(time.monotonic() - start, 0.5 * primed.SLACK)
            running.close_input()
            outcome = running.wait()
        self.assert_code(outcome, 0)
        self.assert_accounted(outcome)

    def test_a_line_may_come_in_pieces(self):
        with primed.Running("run", "-", "--input", "ndjson") as running:
            for piece in ('{"id":"A","ki', 'nd":"prime",', '"number":7', '}\n{"id":"B",'):
                running.write(piece)
                time.sleep(0.02)
            running.wait_for_out('"job_id":"A"', timeout=5)
            running.write('"kind":"prime","number":8}')
            running.close_input()
            outcome = running.wait()
        self.assertEqual(outcome.result("B")["result"]["prime"], False)

    def test_closed_standard_input_is_an_empty_one(self):
        shell = f"exec '{primed.PROGRAM}' run - --input ndjson <&-"
        done = subprocess.run(["sh", "-c", shell], capture_output=True, timeout=60 * primed.SLACK)
        self.assertIn(done.returncode, (0, 66), done.stderr)


    def test_an_input_that_never_ends_leaves_signals_their_turn(self):
        with open("/dev/zero", "rb") as zeros:
            with primed.Running("run", "-", "--input", "ndjson", stdin=zeros) as running:
                running.wait_for_out('"event":"run"', timeout=10 * primed.SLACK)
                running.signal(signal.SIGTERM)
                start = time.monotonic()
                outcome = running.wait()
        self.assertLess(time.monotonic() - start, 2 * primed.SLACK)
        self.assert_code(outcome, 75)

    def test_a_document_that_never_ends_leaves_signals_their_turn(self):
        spaces = " " * (1 << 20)
        with primed.Running("run", "-") as running:
            for _ in range(4):
                running.write(spaces)  # more than a pipe holds: the program is reading
            running.signal(signal.SIGTERM)
            with self.assertRaises(BrokenPipeError):
                for _ in range(1000):  # and there is always more to be read, but never 1 GiB
                    running.write(spaces)
            outcome = running.wait()
        self.assert_code(outcome, 75)


class Output(primed.Case):
    def test_a_named_pipe_without_a_reader_cannot_take_results(self):
        with tempfile.TemporaryDirectory() as folder:
            fifo = Path(folder) / "results"
            os.mkfifo(fifo)
            outcome = primed.run("run", "-", "--results", fifo, input='{"jobs":[]}')
        self.assert_code(outcome, 73)

    def test_a_service_whose_output_fails_ends(self):
        reading, writing = os.pipe()
        job = {"kind": "prime", "numbers": list(range(1, 3000)), "id": "x" * 100}
        with primed.Running("serve", "-", stdout=writing) as running:
            os.close(writing)
            running.write(json.dumps({"jobs": [job]}))
            running.close_input()
            time.sleep(0.5 * primed.SLACK)  # all is worked, and waits for the reader
            os.close(reading)
            outcome = running.wait(timeout=20 * primed.SLACK)
        self.assert_code(outcome, 74)

    def test_a_reader_that_leaves_early_ends_the_run_with_74(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "jobs.ndjson")
            path.write_text(lines(100_000))
            reading, writing = os.pipe()
            with primed.Running("run", path, stdout=writing) as running:
                os.close(writing)
                self.assertTrue(os.read(reading, 1))
                os.close(reading)
                outcome = running.wait(20)
        self.assert_code(outcome, 74)
        self.assertTrue(outcome.err, "it has to say why")

    def test_a_reader_that_leaves_while_nothing_is_written_leaves_no_spinning(self):
        jobs = {"jobs": [{"kind": "countdown", "from": 2, "interval": "1s"}]}
        reading, writing = os.pipe()
        with primed.Running("run", "-", stdout=writing) as running:
            os.close(writing)
            running.write(json.dumps(jobs))
            running.close_input()
            self.assertTrue(os.read(reading, 1))
            os.close(reading)
            outcome = running.wait(10)
        self.assert_code(outcome, 74)
        self.assertLess(outcome.cpu_seconds, 0.5 * primed.SLACK)

    def test_a_slow_reader_loses_nothing(self):
        count = 20_000
        reading, writing = os.pipe()
        with primed.Running("run", "-", "--input", "ndjson", stdout=writing) as running:
            os.close(writing)
            threading.Thread(target=running.feed, args=(lines(count).encode(),)).start()
            received = b""
            while piece := os.read(reading, 65536):
                received += piece
                if len(received) < 1_000_000:
                    time.sleep(0.01)
            outcome = running.wait(30)
            os.close(reading)
        self.assert_code(outcome, 0)
        outcome.out = received
        self.assert_accounted(outcome)
        self.assertEqual(outcome.summary["succeeded"], count)

    def test_a_full_disk_is_74(self):
        outcome = primed.run("run", "-", "--input", "ndjson", "--results", "/dev/full",
                             input=lines(100))
        self.assert_code(outcome, 74)
        self.assertEqual(outcome.out, b"")
        self.assertTrue(outcome.err)

    def test_closed_standard_output_is_no_success(self):
        shell = f"exec '{primed.PROGRAM}' run - --input ndjson >&-"
        done = subprocess.run(["sh", "-c", shell], input=lines(10).encode(), capture_output=True,
                              timeout=60 * primed.SLACK)
        self.assertIn(done.returncode, (73, 74), done.stderr)


class StandardError(primed.Case):
    """That nobody reads, and that is full."""

    def full_pipe(self):
        """The end to hand over; the other one stays open, unread."""
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        os.set_blocking(writing, False)
        for size in (4096, 1):
            try:
                while True:
                    os.write(writing, b"-" * size)
            except BlockingIOError:
                pass
        os.set_blocking(writing, True)
        return reading, writing

    def test_it_does_not_stop_the_ticks_or_the_signals_of_a_service(self):
        jobs = {"jobs": [{"id": "A", "kind": "countdown", "from": 1000, "interval": "50ms"}]}
        _, writing = self.full_pipe()
        with primed.Running("serve", "-", stderr=writing) as running:
            os.close(writing)
            running.write(json.dumps(jobs))
            running.close_input()
            running.wait_for_event("tick")
            for number in (signal.SIGUSR2, signal.SIGHUP, signal.SIGUSR1):
                running.signal(number)
                time.sleep(0.05)
            running.wait_for_out('"value":980', timeout=5)
            running.signal(signal.SIGTERM)
            running.signal(signal.SIGTERM)
            outcome = running.wait(10)
        self.assert_code(outcome, 0)
        self.assert_accounted(outcome)

    def test_what_waits_for_its_reader_is_told_when_it_is_back(self):
        reading, writing = self.full_pipe()
        with primed.Running("serve", "-", stderr=writing) as running:
            os.close(writing)
            running.write('{"jobs":[]}')
            running.close_input()
            running.wait_for_event("run")
            running.signal(signal.SIGHUP)
            time.sleep(0.1)
            text = b""
            while b"reload is not supported" not in text:
                text += os.read(reading, 65536)
            running.signal(signal.SIGTERM)
            self.assert_code(running.wait(10), 0)

    def test_it_does_not_hold_the_end_of_the_program(self):
        for arguments, code in ((("run", "/nowhere/jobs.json"), 66), (("run",), 64),
                                (("run", "-"), 78)):
            with self.subTest(arguments):
                _, writing = self.full_pipe()
                with primed.Running(*arguments, stderr=writing) as running:
                    os.close(writing)
                    running.write("[]")
                    running.close_input()
                    outcome = running.wait(10)
                self.assert_code(outcome, code)


class Terminal(primed.Case):
    def test_progress_is_shown_on_a_terminal(self):
        outcome = primed.run_on_terminal("run", primed.ROOT / "config/chapter.json")
        self.assert_code(outcome, 0)
        self.assert_accounted(outcome)
        self.assertRegex(outcome.err, r"\d+\s*(/|of)\s*6\b")

    def test_nothing_is_shown_when_standard_error_is_no_terminal(self):
        outcome = primed.run_jobs({"kind": "countdown", "from": 1, "interval": "1.2s"})
        self.assertEqual(outcome.err, "")


if __name__ == "__main__":
    primed.main()
