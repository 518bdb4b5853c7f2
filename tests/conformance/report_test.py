#!/usr/bin/env python3
"""Tests of report.py and compare.py themselves."""

import unittest

import compare
import report

PROVEN = {"label": "L1", "statement": "One.", "python": "3.11"}
DIFFERENT = {"label": "L2", "statement": "Two.", "python": "3.11", "differs": "a reason"}
WITHOUT = {"label": "L3", "statement": "Three.", "python": "3.11", "no_counterpart": "a reason"}
OPEN = {"label": "L10", "statement": "Ten.", "python": "3.12"}
DATA = {"groups": {"L": "Loop"}, "statements": [OPEN, PROVEN, DIFFERENT, WITHOUT]}
TEST = report.Test("does one thing [L1]", "tests/aio/loop_test.cpp", "program")


class Labels(unittest.TestCase):
    def test_stand_at_either_end_of_a_name(self):
        for name in ("[L1 T4] does it", "does it [L1 T4]", "does it [L1] [T4]"):
            test = report.Test(name, "", "")
            self.assertEqual(test.labels(), ["L1", "T4"])
            self.assertEqual(test.title(), "does it")

    def test_are_not_any_brackets(self):
        self.assertEqual(report.Test("an index [0] or [x]", "", "").labels(), [])

    def test_that_are_no_statement_are_named(self):
        stray = report.Test("does it [Y9]", "tests/aio/a_test.cpp", "")
        self.assertIn("Y9", "\n".join(report.complaints(DATA["statements"], [stray])))

    def test_are_given_once(self):
        self.assertIn("2 times", "\n".join(report.complaints([PROVEN, PROVEN], [])))


class Document(unittest.TestCase):
    def test_counts_every_statement_once(self):
        text, open_labels = report.document(DATA, [TEST], {TEST})
        self.assertIn("**1 of 4 statements proven, 1 differ, 1 has no counterpart.**", text)
        self.assertEqual(open_labels, ["L10"])

    def test_is_in_the_order_of_the_numbers(self):
        text, _ = report.document(DATA, [TEST], {TEST})
        places = [text.index(f"| {label} |") for label in ("L1", "L2", "L3", "L10")]
        self.assertEqual(places, sorted(places))

    def test_says_what_became_of_a_statement(self):
        for statement, tests, passed, result in (
            (PROVEN, [TEST], {TEST}, "passes"),
            (PROVEN, [TEST], set(), "FAILS"),
            (DIFFERENT, [], set(), "differs: a reason"),
            (DIFFERENT, [TEST], {TEST}, "passes; differs: a reason"),
            (WITHOUT, [], set(), "no counterpart: a reason"),
            (OPEN, [], set(), "not proven yet"),
        ):
            self.assertEqual(report.result_of(statement, tests, passed), result)


class Traces(unittest.TestCase):
    def test_differ_at_a_line_or_at_the_end(self):
        for expected, actual, where in (
            ([], [], None),
            (["a", "b"], ["a", "b"], None),
            (["a", "b"], ["a", "c"], 1),
            (["a"], ["a", "b"], 1),
            (["a", "b"], ["a"], 1),
        ):
            self.assertEqual(compare.first_difference(expected, actual), where)


if __name__ == "__main__":
    unittest.main()
