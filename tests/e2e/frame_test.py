"""The frame of these tests, tried on programs whose behaviour is known."""

import signal
import sys
import time
from unittest import mock

import primed


def python(text, **options):
    return primed.Running("-c", text, program=sys.executable, **options)


class Frame(primed.Case):
    def test_output_exit_code_and_times_are_told(self):
        with python("import sys; print('{\"event\":\"run\"}'); sys.stderr.write('e'); sys.exit(3)",
                    ) as running:
            outcome = running.wait()
        self.assertEqual((outcome.code, outcome.err), (3, "e"))
        self.assertEqual(outcome.records, [{"event": "run"}])

    def test_the_peak_of_memory_is_the_programs_own(self):
        ours = bytearray(200_000_000)
        with python("import sys; data = bytearray(50_000_000); print('up', flush=True); "
                    "sys.stdin.read()") as running:
            running.wait_for_out("up")
            # It ends once it has been looked at, and not before.
            with mock.patch("primed.time.sleep", lambda _: running.close_input()):
                peak = running.wait().peak_kib
        self.assertTrue(50_000 < peak < 100_000, (peak, len(ours)))

    def test_a_signal_is_seen_as_python_has_it(self):
        with python("import time; print('up', flush=True); time.sleep(60)") as running:
            running.wait_for_out("up")
            self.assertTrue(running.is_up())
            running.signal(signal.SIGTERM)
            self.assertEqual(running.wait().code, -signal.SIGTERM)

    def test_a_program_that_has_ended_may_still_be_sent_a_signal(self):
        with python("pass") as running:
            while running.is_up():
                time.sleep(0.01)
            running.signal(signal.SIGTERM)
            self.assertEqual(running.wait().code, 0)

    def test_much_output_comes_whole(self):
        with python("import sys; sys.stdout.write('x' * 5_000_000)") as running:
            self.assertEqual(len(running.wait().out), 5_000_000)

    def test_input_that_is_answered_can_be_waited_for(self):
        echo = "import sys\nfor line in sys.stdin: print(line, end='', flush=True)"
        with python(echo) as running:
            for word in ("one", "two"):
                running.write(word + "\n")
                running.wait_for_out(word)
            running.close_input()
            self.assertEqual(running.wait().out, b"one\ntwo\n")

    def test_a_program_that_hangs_is_a_failure_and_is_ended(self):
        with self.assertRaisesRegex(AssertionError, "still there"):
            with python("import time; time.sleep(60)") as running:
                running.wait(timeout=0.1)
        self.assertIsNotNone(running.process.returncode)

    def test_a_cut_line_is_no_record(self):
        with python("print('{}'); print('{', end='')") as running:
            outcome = running.wait()
        with self.assertRaises(AssertionError):
            outcome.records

    def test_a_lost_or_doubled_job_is_found(self):
        summary = dict.fromkeys(primed.KEYS["summary"], 0) | {"event": "summary", "accepted": 1}
        run = dict.fromkeys(primed.KEYS["run"], "") | {"event": "run"}
        outcome = primed.Outcome(0, b"", "")
        outcome._records = [run, summary]
        with self.assertRaises(AssertionError):
            self.assert_accounted(outcome)
        result = dict.fromkeys(primed.KEYS["result"], "A") | {
            "event": "result", "state": "succeeded", "result": {}}
        outcome._records = [run, result, summary | {"succeeded": 1}]
        self.assert_accounted(outcome)
        outcome._records = [run, result, result, summary | {"accepted": 2, "succeeded": 2}]
        with self.assertRaises(AssertionError):
            self.assert_accounted(outcome)

    def test_the_oracle_knows_its_primes(self):
        self.assertEqual([n for n in range(60) if primed.is_prime(n)],
                         [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59])
        self.assertTrue(primed.is_prime(primed.SLOW_PRIME))
        self.assertFalse(primed.is_prime(3825123056546413051))  # strong to the bases up to 23

    def test_waiting_ends_when_the_text_is_there(self):
        late = "import time; time.sleep(.2); print('x', flush=True); time.sleep(60)"
        with python(late) as running:
            start = time.monotonic()
            running.wait_for_out("x")
            self.assertLess(time.monotonic() - start, 5)


if __name__ == "__main__":
    primed.main()
