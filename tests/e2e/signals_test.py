"""What signals do: grace, interruption, what is left, and how fast the program is gone."""

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import primed

SIXTEEN = json.dumps({"jobs": [
    {"kind": "prime", "number": primed.SLOW_PRIME, "method": "trial_division"}
    for _ in range(16)]})
WITHIN = 0.2 * primed.SLACK  # the contract's 200 ms
COUNTDOWN = {"kind": "countdown", "id": "A"}


class Signals(primed.Case):
    def started(self, command, text, *options):
        """The program with its list read and its first jobs under way."""
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        path = Path(self.folder.name, "jobs.json")
        path.write_text(text)
        running = primed.Running(command, path, *options)
        self.addCleanup(running.__exit__)
        running.wait_for_event("run")
        time.sleep(0.3 * primed.SLACK)
        return running

    def ended(self, running, code, at_most, at_least=0.0):
        """Waits for the end, which has to come so many seconds from now."""
        start = time.monotonic()
        outcome = running.wait(at_most + 20)
        seconds = time.monotonic() - start
        print(f"gone after {seconds * 1000:.0f} ms; allowed: {at_most * 1000:.0f} ms")
        self.assert_code(outcome, code)
        self.assertGreaterEqual(seconds, at_least)
        self.assertLess(seconds, at_most)
        if outcome.code >= 0:
            self.assert_accounted(outcome)
        return outcome

    def assert_sixteen_interrupted(self, outcome):
        summary = outcome.summary
        self.assertEqual(summary["accepted"], 16)
        self.assertEqual(summary["interrupted"] + summary["left"] + summary["succeeded"], 16)
        self.assertGreaterEqual(summary["interrupted"], 1)
        self.assertGreaterEqual(summary["left"], 8, "what had not started is left")
        for result in outcome.of("result"):
            if result["state"] == "interrupted":
                self.assertEqual(result["error"]["code"], "shutdown")

    def test_at_the_end_of_the_grace_running_checks_are_interrupted_and_the_others_left(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number.name):
                running = self.started("run", SIXTEEN, "--workers", "2", "--grace", "500ms")
                running.signal(number)
                outcome = self.ended(running, 75, 0.5 + WITHIN, at_least=0.45)
                self.assert_sixteen_interrupted(outcome)

    def test_a_service_that_is_stopped_ends_with_0(self):
        running = self.started("serve", SIXTEEN, "--workers", "2", "--grace", "500ms")
        running.signal(signal.SIGTERM)
        self.assert_sixteen_interrupted(self.ended(running, 0, 0.5 + WITHIN))

    def test_checks_on_the_loop_are_interrupted_as_well(self):
        running = self.started("run", SIXTEEN, "--executor", "loop", "--grace", "500ms")
        running.signal(signal.SIGTERM)
        outcome = self.ended(running, 75, 0.5 + WITHIN)
        self.assertEqual(outcome.summary["interrupted"] + outcome.summary["left"], 16)

    def test_a_second_signal_skips_the_grace(self):
        running = self.started("run", SIXTEEN, "--workers", "2", "--grace", "20s")
        running.signal(signal.SIGTERM)
        time.sleep(0.2)
        running.signal(signal.SIGTERM)
        self.assert_sixteen_interrupted(self.ended(running, 75, WITHIN))

    def test_the_grace_can_be_nothing(self):
        running = self.started("run", SIXTEEN, "--workers", "2", "--grace", "0s")
        running.signal(signal.SIGTERM)
        self.assert_sixteen_interrupted(self.ended(running, 75, WITHIN))

    def test_a_countdown_that_ends_within_the_grace_is_let_end(self):
        jobs = {"jobs": [COUNTDOWN | {"from": 2, "interval": "500ms"}]}
        running = self.started("run", json.dumps(jobs), "--grace", "5s")
        running.signal(signal.SIGTERM)
        outcome = self.ended(running, 0, 1.0 * primed.SLACK)
        self.assertEqual(outcome.result("A")["state"], "succeeded")
        self.assertEqual(len(outcome.of("tick")), 2)

    def test_a_countdown_that_ends_beyond_the_grace_is_interrupted_at_once(self):
        jobs = {"jobs": [COUNTDOWN | {"from": 3, "interval": "10s"}]}
        running = self.started("run", json.dumps(jobs), "--grace", "5s")
        running.signal(signal.SIGTERM)
        outcome = self.ended(running, 75, WITHIN)
        self.assertEqual(outcome.result("A")["state"], "interrupted")
        self.assertEqual(outcome.result("A")["error"]["code"], "shutdown")

    def test_a_signal_before_the_first_job_loses_nothing(self):
        with primed.Running("run", "-", "--input", "ndjson") as running:
            running.wait_for_event("run")
            running.signal(signal.SIGTERM)
            outcome = self.ended(running, 0, WITHIN)
        self.assertEqual(outcome.summary["accepted"], 0)

    def test_intake_stops_at_the_first_signal(self):
        with primed.Running("run", "-", "--input", "ndjson", "--grace", "5s") as running:
            running.write('{"id":"A","kind":"countdown","from":2,"interval":"2s"}\n')
            running.wait_for_event("tick")
            running.signal(signal.SIGTERM)
            time.sleep(0.2)
            running.write('{"id":"late","kind":"prime","number":7}\n')
            outcome = self.ended(running, 0, 4.0 * primed.SLACK)
        self.assertEqual([r["job_id"] for r in outcome.of("result")], ["A"])

    def test_sigusr2_prints_the_counts_and_the_work_goes_on(self):
        jobs = {"jobs": [{"kind": "prime", "number": 7}, COUNTDOWN | {"from": 1, "interval": 2}]}
        running = self.started("run", json.dumps(jobs))
        running.signal(signal.SIGUSR2)
        running.wait_for_err("succeeded")
        outcome = running.wait()
        self.assert_code(outcome, 0)
        self.assert_accounted(outcome)

    def test_serve_does_not_reload_and_says_so(self):
        running = self.started("serve", json.dumps({"jobs": []}))
        running.signal(signal.SIGHUP)
        running.wait_for_err("reload")
        running.signal(signal.SIGTERM)
        self.ended(running, 0, WITHIN)

    def test_serve_stays_up_when_its_jobs_are_done(self):
        running = self.started("serve", json.dumps({"jobs": [{"kind": "prime", "number": 7}]}))
        running.wait_for_event("result")
        time.sleep(0.3)
        self.assertTrue(running.is_up())
        running.signal(signal.SIGINT)
        self.assertEqual(self.ended(running, 0, WITHIN).summary["succeeded"], 1)

    def test_sigusr1_reopens_the_results(self):
        with tempfile.TemporaryDirectory() as folder:
            results, moved = Path(folder, "results"), Path(folder, "results.1")
            with primed.Running("serve", "-", "--input", "ndjson", "--results", results) as running:
                running.write('{"id":"before","kind":"prime","number":7}\n')
                self.wait_for_text(results, '"before"')
                results.rename(moved)
                running.signal(signal.SIGUSR1)
                self.wait_for_text(results, "")
                running.write('{"id":"after","kind":"prime","number":7}\n')
                self.wait_for_text(results, '"after"')
                running.signal(signal.SIGTERM)
                self.assert_code(running.wait(), 0)
            self.assertNotIn('"after"', moved.read_text())
            self.assertNotIn('"before"', results.read_text())
            self.assertIn('"summary"', results.read_text())

    def test_two_sigusr1_close_together_lose_no_record(self):
        """The second comes at any point of the first one's reopening, amid records."""
        with tempfile.TemporaryDirectory() as folder:
            results = Path(folder, "results")
            count = 50_000 if primed.SANITIZED else 300_000
            jobs = "".join(f'{{"id":"n{n}","kind":"prime","number":7}}\n' for n in range(count))
            with primed.Running("run", "-", "--input", "ndjson", "--results", results) as running:
                self.wait_for_text(results, '"run"')
                feeder = threading.Thread(target=running.feed, args=(jobs.encode(),))
                feeder.start()
                for pair in range(10_000):
                    if not feeder.is_alive():
                        break
                    for part in ("a", "b"):
                        if results.exists():
                            results.rename(Path(folder, f"moved-{pair}-{part}"))
                        running.signal(signal.SIGUSR1)
                        time.sleep(0.0007)
                    time.sleep(0.01)
                feeder.join()
                outcome = running.wait()
            self.assert_code(outcome, 0)
            self.assertEqual(outcome.err, "")
            texts = [path.read_bytes() for path in Path(folder).iterdir()]
        outcome = primed.Outcome(0, b"".join(texts), "")
        results = sorted(int(record["job_id"][1:]) for record in outcome.of("result"))
        self.assertTrue(results == list(range(count)), f"{len(results)} of {count} records")

    def wait_for_text(self, path, text):
        for _ in range(int(1000 * primed.SLACK)):
            if path.exists() and text in path.read_text():
                return
            time.sleep(0.01)
        self.fail(f"{path.name} never held {text!r}")

    def test_a_signal_in_the_last_moments_changes_nothing(self):
        # A signal may end the program while threads of it still run, which is no leak.
        options = os.environ.get("TSAN_OPTIONS", "") + ":report_thread_leaks=0"
        for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP, signal.SIGINT):
            with self.subTest(number.name):
                for _ in range(15):
                    with primed.Running("run", "-", "--input", "ndjson",
                                        env={"TSAN_OPTIONS": options}) as running:
                        running.write('{"kind":"prime","number":7}\n')
                        running.close_input()
                        running.wait_for_event("summary")
                        while running.is_up():
                            running.signal(number)
                        outcome = running.wait()
                    self.assert_code(outcome, 0)
                    self.assert_accounted(outcome)

    @unittest.skipIf(primed.SANITIZED, "a sanitizer reports a process that ends by a signal")
    def test_a_third_signal_ends_process_1_of_a_container_as_well(self):
        """No signal ends that process by default, so raising it does nothing."""
        alone = ["unshare", "--pid", "--fork", "--kill-child"]
        if os.geteuid() != 0 or subprocess.run([*alone, "true"], check=False).returncode != 0:
            self.skipTest("no namespace of its own to be had")
        reading, writing = os.pipe()  # nobody reads, so it is still there at the third
        self.addCleanup(os.close, reading)
        with primed.Running(*alone[1:], primed.PROGRAM, "run", "-", "--grace", "20s",
                            program=alone[0], stdout=writing) as running:
            os.close(writing)
            jobs = {"jobs": [{"kind": "prime", "numbers": [7] * 10_000}]}
            running.feed(json.dumps(jobs).encode())
            time.sleep(0.5 * primed.SLACK)
            children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
            (process_1,) = children.read_text().split()
            for _ in range(3):
                os.kill(int(process_1), signal.SIGTERM)
                time.sleep(0.01)
            outcome = running.wait(10)
        self.assertEqual(outcome.code, 128 + signal.SIGTERM, outcome.err)

    @unittest.skipIf(primed.SANITIZED, "a sanitizer reports a process that ends by a signal")
    def test_a_third_signal_ends_it_as_the_signal_itself_would(self):
        running = self.started("run", SIXTEEN, "--workers", "2", "--grace", "20s")
        for _ in range(3):
            running.signal(signal.SIGTERM)
            time.sleep(0.01)
        outcome = running.wait(5)
        # It may be gone within the 200 ms after the second one already.
        self.assertIn(outcome.code, (-signal.SIGTERM, 75))


if __name__ == "__main__":
    primed.main()
