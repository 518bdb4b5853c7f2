"""`primed check`: every error with its place, nothing else done; and what the schema says to it."""

import json
import re
import tempfile
import unittest
from pathlib import Path

import primed
from lists import RIGHT, WRONG

try:
    from jsonschema import Draft7Validator
except ImportError:
    Draft7Validator = None

ERROR = re.compile(
    r"^(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): (?P<pointer>/.*?): (?P<what>.+)$")


def errors_of(outcome):
    found = []
    for line in outcome.err.splitlines():
        match = ERROR.match(line)
        assert match, f"not FILE:LINE:COLUMN: POINTER: message: {line!r}"
        found.append(match)
    return found


class Check(primed.Case):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.path = Path(folder.name, "jobs.json")

    def check(self, data, *options):
        self.path.write_bytes(data.encode() if isinstance(data, str) else data)
        return primed.run("check", self.path, *options)

    def test_the_table_is_as_long_as_it_has_to_be(self):
        self.assertGreaterEqual(len(WRONG), 40)
        names = [wrong.name for wrong in WRONG]
        self.assertEqual(len(names), len(set(names)))

    def test_each_wrong_list_is_refused_with_every_error_in_its_place(self):
        for wrong in WRONG:
            with self.subTest(wrong.name):
                outcome = self.check(wrong.plain)
                self.assert_code(outcome, 78)
                self.assertEqual(outcome.out, b"")
                found = errors_of(outcome)
                self.assertEqual(len(found), len(wrong.places), outcome.err)
                for error, place, pointer, word in zip(found, wrong.places, wrong.pointers,
                                                       wrong.words):
                    self.assert_error(error, place, pointer, word, wrong.exact)

    def assert_error(self, error, place, pointer, word, exact):
        self.assertEqual(error["file"], str(self.path))
        line, column = int(error["line"]), int(error["column"])
        self.assertEqual(line, place[0], error[0])
        self.assertAlmostEqual(column, place[1], delta=0 if exact else 2, msg=error[0])
        if pointer is not None:
            self.assertEqual(error["pointer"], pointer, error[0])
        self.assertIn(word, error["what"])

    def test_run_and_serve_refuse_the_same_lists_and_start_nothing(self):
        for command in ("run", "serve"):
            self.path.write_bytes(b'{"jobs": [{"kind": "prime", "number": 7}, {"kind": "x"}]}')
            outcome = primed.run(command, self.path)
            self.assert_code(outcome, 78)
            self.assertEqual(outcome.out, b"")
            self.assertEqual(len(errors_of(outcome)), 1)

    def test_each_right_list_is_accepted_with_one_line(self):
        for name, text in RIGHT.items():
            with self.subTest(name):
                outcome = self.check(text)
                self.assert_code(outcome, 0)
                self.assertEqual(outcome.out, b"")
                self.assertEqual(len(outcome.err.splitlines()), 1, outcome.err)

    def test_standard_input_is_called_stdin(self):
        outcome = primed.run("check", "-", input='{"jobs": 1}')
        self.assert_code(outcome, 78)
        self.assertTrue(outcome.err.startswith("<stdin>:1:10: /jobs: "), outcome.err)

    def test_the_first_hundred_errors_are_reported(self):
        jobs = ",\n".join(['{"kind": "countdown", "from": -1}'] * 150)
        outcome = self.check('{"jobs": [' + jobs + "]}")
        self.assert_code(outcome, 78)
        found = [line for line in outcome.err.splitlines() if ERROR.match(line)]
        self.assertEqual(len(found), 100)
        self.assertLessEqual(len(outcome.err.splitlines()), 101, "one more line may count the rest")

    def test_little_of_the_input_is_echoed_and_none_of_it_raw(self):
        long = "y" * 5000
        for text in (f'{{"jobs": [], "{long}": 1}}', f'{{"jobs": [{{"kind": "{long}"}}]}}',
                     f'{{"jobs": [{{"kind": "prime", "number": "{long}"}}]}}',
                     '{"jobs": [], "\\u001b[31m\\n": 1}'):
            outcome = self.check(text)
            self.assert_code(outcome, 78)
            self.assertNotIn("y" * 81, outcome.err)
            self.assertNotIn("\x1b", outcome.err)
            self.assertEqual(len(outcome.err.splitlines()), 1, outcome.err)

    def test_a_list_that_cannot_be_read_is_66(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("jobs.json", "jobs.ndjson"):
                path = Path(folder, name)
                path.mkdir()
                outcome = primed.run("check", path)
                self.assert_code(outcome, 66)
                self.assertEqual(outcome.err, f"primed: {path}: Is a directory\n")

    def test_nothing_is_created(self):
        results = self.path.with_name("results.ndjson")
        text = json.dumps({"settings": {"results": str(results)}, "jobs": []})
        self.assert_code(self.check(text), 0)
        self.assertFalse(results.exists())

    def test_a_list_with_one_job_a_line_is_checked_line_by_line(self):
        lines = ['{"kind": "prime", "number": 7}', "", '{"kind": "prime", "number": 7.5}',
                 '{"kind": "countdown"}', '{"kind": "prim"}']
        outcome = self.check("\n".join(lines), "--input", "ndjson")
        self.assert_code(outcome, 78)
        self.assertEqual(outcome.out, b"")
        self.assertEqual([int(error["line"]) for error in errors_of(outcome)], [3, 5])


@unittest.skipIf(Draft7Validator is None, "python3-jsonschema is not installed")
class Schema(primed.Case):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads(primed.run("schema").out)

    def accepts(self, text):
        return Draft7Validator(self.schema).is_valid(json.loads(text))

    def test_it_is_a_schema_itself(self):
        Draft7Validator.check_schema(self.schema)
        self.assertIn("draft-07", self.schema["$schema"])

    def test_it_accepts_what_the_program_accepts(self):
        for name, text in RIGHT.items():
            with self.subTest(name):
                self.assertTrue(self.accepts(text.removeprefix("\ufeff")))
        for path in sorted((primed.ROOT / "config").glob("*.json")):
            if not path.name.endswith("schema.json"):
                with self.subTest(path.name):
                    self.assertTrue(self.accepts(path.read_text()))
                    self.assert_code(primed.run("check", path), 0)

    def test_it_refuses_what_the_program_refuses_where_a_schema_can_say_it(self):
        for wrong in WRONG:
            if wrong.schema:
                with self.subTest(wrong.name):
                    self.assertFalse(self.accepts(wrong.plain.decode("utf-8-sig")))


if __name__ == "__main__":
    primed.main()
