"""The benchmark's runner: what it reads, what it refuses, how it judges and what it writes."""

import json
import tempfile
import unittest
from pathlib import Path

from runner import report, subject
from runner.rounds import BadOutput, Rounds, parse_google_benchmark, parse_lines
from runner.verdict import best_peer, judge, spread

TEXT = {
    "title": "Task switch",
    "order": 1,
    "work": "One task yields.",
    "figures": {"one": {"title": "1 task", "unit": "ns"}},
    "programs": [
        {"command": ["sh", "{here}/own"], "contenders": ["aio", "floor-ring"]},
        {"command": ["sh", "{here}/peers"], "contenders": ["asio", "libuv"]},
        {"command": ["{bin}/never-built"], "contenders": ["go"]},
        {"command": ["true"], "contenders": ["uvloop"], "needs": ["false"]},
    ],
    "targets": [
        {"figure": "one", "of": "aio", "at_most": 3, "times": "floor-ring"},
        {"figure": "one", "of": "aio", "at_most": 0.5, "times": "best-peer"},
        {"figure": "one", "of": "aio", "at_most": 10},
    ],
}


class SubjectCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "switch"
        self.folder.mkdir()
        self.script("own", "echo aio one 12; echo floor-ring one 5")
        self.script("peers", "echo asio one 100; echo libuv one 36")

    def script(self, name, text):
        (self.folder / name).write_text(text)

    def load(self, **changes):
        (self.folder / "subject.json").write_text(json.dumps(TEXT | changes))
        return subject.load(self.folder)

    def run_rounds(self, count=1, **changes):
        rounds = Rounds(self.load(**changes), Path("/nowhere"))
        rounds.run(count)
        return rounds


class Reading(SubjectCase):
    def test_a_target_without_a_bound_is_refused(self):
        with self.assertRaisesRegex(subject.BadSubject, "either at_most or at_least"):
            self.load(targets=[{"figure": "one", "of": "aio"}])

    def test_a_target_of_an_unknown_figure_or_contender_is_refused(self):
        with self.assertRaisesRegex(subject.BadSubject, "figure is not declared: two"):
            self.load(targets=[{"figure": "two", "of": "aio", "at_most": 1}])
        with self.assertRaisesRegex(subject.BadSubject, "no program has the contender tokio"):
            self.load(targets=[{"figure": "one", "of": "aio", "at_most": 1, "times": "tokio"}])

    def test_every_subject_of_the_house_can_be_read(self):
        bench = Path(__file__).resolve().parent.parent
        self.assertEqual(len(subject.load_all(bench)), len(list(bench.glob("*/subject.json"))))


class Running(SubjectCase):
    def test_each_program_runs_once_a_round_in_turn(self):
        log = self.folder / "log"
        self.script("own", f"echo own >>{log}; echo aio one 12; echo floor-ring one 5")
        self.script("peers", f"echo peers >>{log}; echo asio one 100; echo libuv one 36")
        rounds = self.run_rounds(3)
        self.assertEqual(log.read_text().split(), ["own", "peers"] * 3)
        self.assertEqual(rounds.values["aio", "one"], [12.0] * 3)

    def test_what_is_not_installed_is_skipped_and_named(self):
        self.assertEqual(self.run_rounds().missing, ["go", "uvloop"])

    def test_a_peer_that_its_program_leaves_out_is_named(self):
        self.script("peers", "echo asio one 100")
        self.assertIn("libuv", self.run_rounds().missing)

    def test_a_figure_of_our_own_that_is_not_told_is_an_error(self):
        self.script("own", "echo floor-ring one 5")
        with self.assertRaisesRegex(BadOutput, "says nothing of aio"):
            self.run_rounds()

    def test_a_program_that_fails_is_an_error_with_what_it_said(self):
        self.script("own", "echo no memory >&2; exit 3")
        with self.assertRaisesRegex(BadOutput, "exit 3\nno memory"):
            self.run_rounds()

    def test_only_a_figure_that_says_so_may_be_negative(self):
        self.script("own", "echo aio one -409.5; echo floor-ring one 5")
        with self.assertRaisesRegex(BadOutput, "aio one is -409.5"):
            self.run_rounds()
        lateness = {"one": {"title": "1 tick", "unit": "ns", "may_be_negative": True}}
        self.assertEqual(self.run_rounds(figures=lateness).values["aio", "one"], [-409.5])

    def test_an_undeclared_figure_and_a_value_that_is_no_amount_are_errors(self):
        self.script("own", "echo aio two 12")
        with self.assertRaisesRegex(BadOutput, "'aio two' is not declared"):
            self.run_rounds()
        self.script("own", "echo aio one nan; echo floor-ring one 5")
        with self.assertRaisesRegex(BadOutput, "aio one is nan"):
            self.run_rounds()

    def test_a_line_of_another_form_is_an_error(self):
        with self.assertRaisesRegex(BadOutput, "expected CONTENDER FIGURE VALUE, got: aio 12"):
            parse_lines("aio 12")
        with self.assertRaisesRegex(BadOutput, "expected a number"):
            parse_lines("aio one fast")

    def test_google_benchmark_tells_nanoseconds_or_a_counter_called_figure(self):
        entries = [
            {"name": "primes/odd/real", "cpu_time": 1.5, "time_unit": "us"},
            {"name": "flint/odd", "cpu_time": 9, "time_unit": "ns", "figure": 186.0},
        ]
        figures = parse_google_benchmark(json.dumps({"benchmarks": entries}))
        self.assertEqual(figures, [("primes", "odd", 1500.0), ("flint", "odd", 186.0)])


class Judging(SubjectCase):
    def test_a_ratio_is_one_of_medians_and_the_best_peer_is_no_floor_and_not_ours(self):
        one = self.load()
        spreads = {
            ("aio", "one"): spread([12, 10, 90]),
            ("floor-ring", "one"): spread([5, 5, 5]),
            ("asio", "one"): spread([100]),
            ("libuv", "one"): spread([36]),
        }
        judged = judge(one, spreads)
        self.assertEqual([round(entry.reached, 3) for entry in judged], [2.4, 0.333, 12])
        self.assertEqual([entry.is_met for entry in judged], [True, True, False])
        self.assertEqual(best_peer(one, spreads, "one"), "libuv")

    def test_a_target_whose_peers_are_all_missing_is_not_reached(self):
        judged = judge(self.load(), {("aio", "one"): spread([12])})
        self.assertEqual([entry.reached for entry in judged], [None, None, 12])
        self.assertFalse(judged[0].is_met)


class Reporting(SubjectCase):
    def result(self):
        rounds = self.run_rounds(2)
        values = [
            {"contender": contender, "figure": figure, "values": values}
            for (contender, figure), values in rounds.values.items()
        ]
        told = {"date": "2026-01-01", "commit": "abc1234", "rounds": 2}
        return told | {"missing": rounds.missing, "values": values}

    def test_a_subject_has_its_figures_its_targets_and_what_is_missing(self):
        one, result = self.load(), self.result()
        text = "\n".join(report.section(one, result) + report.targets(one, result))
        self.assertIn("| aio | 12 (12–12) |", text)
        self.assertIn("| aio | 1 task | at most 3 × floor-ring | 2.4 × | yes |", text)
        self.assertIn("at most 0.5 × the best peer (libuv) | 0.333 × | yes |", text)
        self.assertIn("at most 10 | 12 | **no**, off by 1.2 × |", text)
        self.assertIn("2 rounds on 2026-01-01, at abc1234.", text)
        self.assertIn("Not installed, hence skipped: go, uvloop.", text)

    def test_what_must_be_none_and_is_some_is_missed(self):
        one = self.load(targets=[{"figure": "one", "of": "aio", "at_most": 0}])
        self.assertIn("| at most 0 | 12 | **no** |", "\n".join(report.targets(one, self.result())))

    def test_what_is_too_little_is_off_by_the_bound_over_it(self):
        one = self.load(targets=[{"figure": "one", "of": "aio", "at_least": 24}])
        text = "\n".join(report.targets(one, self.result()))
        self.assertIn("| at least 24 | 12 | **no**, off by 2 × |", text)

    def test_only_what_stands_between_the_marks_is_written(self):
        page = self.folder / "page.md"
        page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
        one = self.load()
        report.write(page, report.document([one], {"switch": self.result()}, [("memory", "1 GiB")]))
        text = page.read_text()
        self.assertTrue(text.startswith("before\n") and text.endswith("after\n"))
        self.assertIn("2 of 3 targets were reached.", text)
        self.assertIn("| Task switch: aio | 1 task | at most 10 | 12 |", text)
        self.assertNotIn("old", text)


if __name__ == "__main__":
    unittest.main()
