"""Lists with one job a line: what is rejected, what goes on, and how lines may end."""

import json
import tempfile
from pathlib import Path

import primed

SEVEN = '{"kind": "prime", "number": 7}'


class Lines(primed.Case):
    def run_lines(self, text, *options):
        outcome = primed.run("run", "-", "--input", "ndjson", *options, input=text)
        self.assert_accounted(outcome)
        return outcome

    def rejected(self, outcome):
        return [(r["line"], r["column"], r["error"]["code"]) for r in outcome.of("rejected")]

    def test_a_bad_line_is_rejected_and_the_rest_goes_on(self):
        bad = '{"kind": "prime", "number": 7.5}\nnonsense'
        outcome = self.run_lines(f"{SEVEN}\n{bad}\n{SEVEN}\n")
        self.assert_code(outcome, 1)
        self.assertEqual([(line, code) for line, _, code in self.rejected(outcome)],
                         [(2, "invalid_job"), (3, "invalid_job")])
        self.assertEqual(self.rejected(outcome)[0][1], 29)
        self.assertEqual(outcome.summary["succeeded"], 2)
        self.assertEqual(outcome.summary["accepted"], 2)

    def test_blank_lines_windows_line_ends_and_no_last_newline_are_accepted(self):
        outcome = self.run_lines(f"\n{SEVEN}\r\n\r\n   \n{SEVEN}")
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.summary["succeeded"], 2)
        ids = sorted(result["job_id"] for result in outcome.of("result"))
        self.assertEqual(ids, ["job-1", "job-2"])

    def test_a_byte_order_mark_is_skipped(self):
        self.assert_code(self.run_lines("\ufeff" + SEVEN), 0)

    def test_an_id_is_taken_once(self):
        line = '{"id": "A", "kind": "prime", "number": 7}\n'
        outcome = self.run_lines(line + line)
        self.assert_code(outcome, 1)
        self.assertEqual([(line, code) for line, _, code in self.rejected(outcome)],
                         [(2, "duplicate_id")])
        self.assertEqual(outcome.summary["succeeded"], 1)

    def test_a_line_may_have_a_mebibyte_and_no_more(self):
        def line(size):
            frame = '{"kind": "prime", "number": 7, "x-pad": ""}'
            return frame.replace('""', '"' + "p" * (size - len(frame)) + '"')

        outcome = self.run_lines(f"{line(2**20)}\n{line(2**20 + 1)}\n{SEVEN}\n")
        self.assert_code(outcome, 1)
        self.assertEqual([(line, code) for line, _, code in self.rejected(outcome)],
                         [(2, "line_too_long")])
        self.assertEqual(outcome.summary["succeeded"], 2)

    def test_a_line_that_never_ends_takes_no_memory(self):
        outcome = self.run_lines(b"[" * 50_000_000 + b"\n" + SEVEN.encode())
        self.assert_code(outcome, 1)
        self.assertEqual([(line, code) for line, _, code in self.rejected(outcome)],
                         [(1, "line_too_long")])
        if not primed.SANITIZED:
            self.assertLess(outcome.peak_kib, 40_000)

    def test_bytes_that_are_not_utf8_are_rejected_and_the_record_still_is(self):
        outcome = self.run_lines(b'{"id": "\xff", "kind": "prime", "number": 7}\n')
        self.assert_code(outcome, 1)
        self.assertEqual(len(self.rejected(outcome)), 1)

    def test_the_ending_of_the_files_name_says_what_it_is(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("jobs.ndjson", "jobs.jsonl"):
                path = Path(folder, name)
                path.write_text(f"{SEVEN}\n" * 3)
                outcome = primed.run("run", path)
                self.assert_code(outcome, 0)
                self.assertEqual(outcome.summary["succeeded"], 3)

    def test_countdowns_and_lists_of_numbers_come_in_lines_too(self):
        jobs = [{"id": "A", "kind": "countdown", "from": 2, "interval": "50ms"},
                {"id": "many", "kind": "prime", "numbers": [2, 3, 4]}]
        outcome = self.run_lines("".join(json.dumps(job) + "\n" for job in jobs))
        self.assert_code(outcome, 0)
        self.assertEqual([tick["value"] for tick in outcome.of("tick")], [2, 1])
        self.assertEqual(outcome.result("many")["result"], {"checked": 3, "primes": 2})

    def test_a_line_is_held_to_what_a_whole_list_is(self):
        for line in ('{"kind": "prime", "number": 7, "kind": "prime"}', '{"kind": "prim"}', "[]",
                     '{"jobs": []}', '{"kind": "countdown", "intervall": 1}', '"text"',
                     '{"id": "job-2", "kind": "countdown"}', SEVEN + SEVEN):
            with self.subTest(line):
                outcome = self.run_lines(line + "\n")
                self.assert_code(outcome, 1)
                self.assertEqual(outcome.summary["rejected"], 1)


if __name__ == "__main__":
    primed.main()
