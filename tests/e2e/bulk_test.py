"""A list of a million lines: bounded memory, and results before the list is read to its end."""

import os
import tempfile
import threading
import time
import unittest
from pathlib import Path

import primed

# What the program may take beside the ids, however long the list is, and per id that a job names.
GROWTH_KIB = 8 * 1024
PER_ID_BYTES = 48
FEW, MANY = (2_000, 20_000) if primed.SANITIZED else (100_000, 1_000_000)


def write_list(path, count, named):
    """Odd numbers around 10^12, one a line."""
    with path.open("w") as file:
        for i in range(count):
            name = f'"id":"number {i} of a long list","' if named else '"'
            file.write(f'{{{name}kind":"prime","number":{10**12 + 2 * i + 1}}}\n')


class Bulk(primed.Case):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)

    def run_list(self, count, named):
        path = self.folder / "jobs.ndjson"
        results = self.folder / "results.ndjson"
        write_list(path, count, named)
        outcome = primed.run("run", path, "--results", results, timeout=200)
        self.assert_code(outcome, 0)
        primes, events = 0, {"run": 0, "result": 0, "summary": 0}
        with results.open("rb") as file:
            for line in file:
                record = primed.parse_record(line)
                events[record["event"]] += 1
                primes += record.get("result", {}).get("prime", False)
        self.assertEqual(events, {"run": 1, "result": count, "summary": 1})
        self.assertEqual(record["accepted"], count)
        self.assertEqual(record["succeeded"], count)
        print(f"{count} lines{' with ids' if named else ''}: {outcome.seconds:.2f} s, "
              f"peak {outcome.peak_kib} KiB, {primes} primes")
        return outcome

    def assert_growth(self, few, many, bound_kib):
        if primed.SANITIZED:
            return  # a sanitizer keeps what is freed
        self.assertLess(many.peak_kib - few.peak_kib, bound_kib)

    def test_memory_does_not_grow_with_the_list(self):
        few = self.run_list(FEW, named=False)
        self.assert_growth(few, self.run_list(MANY, named=False), GROWTH_KIB)

    @unittest.skipIf(primed.SANITIZED, "memory is another with a sanitizer")
    def test_memory_stays_small_with_many_workers(self):
        path = self.folder / "jobs.ndjson"
        write_list(path, MANY, named=False)
        with path.open("rb") as lines, open(os.devnull, "wb") as nowhere:
            with primed.Running("run", "-", "--input", "ndjson", "--workers", "8",
                                stdin=lines, stdout=nowhere) as running:
                outcome = running.wait()
        self.assert_code(outcome, 0)
        print(f"8 workers: peak {outcome.peak_kib} KiB")
        self.assertLess(outcome.peak_kib, 64 * 1024)

    @unittest.skipIf(primed.SANITIZED, "memory is another with a sanitizer")
    def test_a_slow_reader_of_a_list_with_ids_takes_no_more_memory(self):
        path = self.folder / "jobs.ndjson"
        write_list(path, MANY, named=True)
        reading, writing = os.pipe()

        def read_slowly():
            size = 0
            with open(reading, "rb", buffering=0) as results:
                time.sleep(0.5)  # all is full
                while piece := results.read(65_536):
                    size += len(piece)
                    if size > 16 * 1024 * 1024:
                        size = 0
                        time.sleep(0.05)

        reader = threading.Thread(target=read_slowly, daemon=True)
        reader.start()
        with path.open("rb") as lines:
            with primed.Running("run", "-", "--input", "ndjson", "--workers", "8",
                                stdin=lines, stdout=writing) as running:
                os.close(writing)
                outcome = running.wait()
        reader.join()
        self.assert_code(outcome, 0)
        print(f"8 workers, ids and a slow reader: peak {outcome.peak_kib} KiB")
        self.assertLess(outcome.peak_kib, 30 * 1024 + MANY * PER_ID_BYTES // 1024)

    def test_an_id_takes_at_most_48_bytes(self):
        few = self.run_list(FEW, named=True)
        many = self.run_list(MANY, named=True)
        self.assert_growth(few, many, GROWTH_KIB + (MANY - FEW) * PER_ID_BYTES // 1024)

    def test_the_first_result_is_out_before_the_list_is_read_to_its_end(self):
        with primed.Running("run", "-", "--input", "ndjson") as running:
            for i in range(2_000):
                running.write(f'{{"kind":"prime","number":{10**12 + i}}}\n')
            running.wait_for_event("result")
            running.wait_for_out('"job_id":"job-2000"')
            running.close_input()
            outcome = running.wait()
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.summary["succeeded"], 2_000)

    @unittest.skipIf(primed.SANITIZED, "memory is another with a sanitizer")
    def test_a_reader_that_does_not_read_stops_the_intake(self):
        reading, writing = os.pipe()
        with primed.Running("run", "-", "--input", "ndjson", stdout=writing) as running:
            os.close(writing)
            line = b'{"kind":"prime","number":1000003}\n'
            sent = []

            def feed():
                try:
                    for _ in range(1_000):
                        running.write(line * 1_000)
                        sent.append(1_000)
                except (BrokenPipeError, ValueError):
                    pass  # that is how it ends

            feeder = threading.Thread(target=feed, daemon=True)
            feeder.start()
            feeder.join(3)
            self.assertTrue(feeder.is_alive(), "a million lines went in and no result came out")
            peak = primed.peak_kib(running.process.pid)
            print(f"{sum(sent)} lines taken while nobody read; {peak} KiB")
            self.assertLess(peak, 64 * 1024)
            os.close(reading)
            outcome = running.wait(20)
        self.assert_code(outcome, 74)

    def test_jobs_of_both_kinds_may_be_open_in_great_number(self):
        lines = ['{"kind":"countdown","from":1,"interval":"100ms"}'] * 2_000
        lines += ['{"kind":"prime","number":1000003}'] * 2_000
        outcome = primed.run("run", "-", "--input", "ndjson", input="\n".join(lines))
        self.assert_code(outcome, 0)
        self.assert_accounted(outcome)
        self.assertEqual(outcome.summary["succeeded"], 4_000)


if __name__ == "__main__":
    primed.main()
