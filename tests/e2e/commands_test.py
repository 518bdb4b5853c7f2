"""Commands, flags, settings, files and exit codes."""

import json
import os
import tempfile
import unittest
from pathlib import Path

import primed

SEVEN = {"kind": "prime", "number": 7}
ONE = json.dumps({"jobs": [SEVEN]})


class Commands(primed.Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def assert_refused(self, outcome, code):
        self.assert_code(outcome, code)
        self.assertEqual(outcome.out, b"")
        self.assertTrue(outcome.err.strip(), "it has to say why")

    def test_a_bad_call_is_64(self):
        for arguments in ((), ("runs", "x.json"), ("ctl",), ("run",), ("run", "-", "-"),
                          ("run", "-", "--wrkers", "2"), ("run", "-", "--workers"),
                          ("run", "-", "--workers", "0"), ("run", "-", "--workers", "65"),
                          ("run", "-", "--workers", "two"), ("run", "-", "--executor", "threads"),
                          ("run", "-", "--grace", "soon"), ("run", "-", "--input", "xml"),
                          ("schema", "more"), ("check",)):
            with self.subTest(arguments):
                self.assert_refused(primed.run(*arguments, input=ONE), 64)

    def test_help_and_version_are_0(self):
        for arguments in (("--help",), ("run", "--help")):
            outcome = primed.run(*arguments)
            self.assert_code(outcome, 0)
            self.assertIn(b"run", outcome.out)
        outcome = primed.run("--version")
        self.assert_code(outcome, 0)
        self.assertRegex(outcome.out, rb"^primed \d+\.\d+\.\d+\n$")

    def test_a_list_that_cannot_be_read_is_66(self):
        for command in ("run", "serve", "check"):
            for path in (self.folder / "none.json", self.folder):
                with self.subTest(command=command, path=path):
                    outcome = primed.run(command, path)
                    self.assert_refused(outcome, 66)
                    self.assertIn(str(path), outcome.err)

    def test_results_that_cannot_be_created_are_73(self):
        for path in (self.folder / "none/results", self.folder):
            outcome = primed.run("run", "-", "--results", path, input=ONE)
            self.assert_refused(outcome, 73)

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_a_list_that_may_not_be_read_is_66_or_77(self):
        path = self.write("jobs.json", ONE)
        path.chmod(0)
        self.assertIn(primed.run("run", path).code, (66, 77))

    def test_a_bad_value_in_the_environment_is_78(self):
        for name, value in (("PRIMED_WORKERS", "two"), ("PRIMED_WORKERS", "0"),
                            ("PRIMED_EXECUTOR", "threads"), ("PRIMED_GRACE", "soon")):
            with self.subTest(name=name, value=value):
                outcome = primed.run("run", "-", input=ONE, env={name: value})
                self.assert_refused(outcome, 78)
                self.assertIn(name, outcome.err)

    def test_a_flag_goes_before_the_environment_and_that_before_the_list(self):
        text = json.dumps({"settings": {"results": str(self.folder / "list")}, "jobs": [SEVEN]})
        env = {"PRIMED_RESULTS": str(self.folder / "environment")}
        flag = ("--results", self.folder / "flag")
        for options, env, expected in (((), None, "list"), ((), env, "environment"),
                                       (flag, env, "flag")):
            with self.subTest(expected):
                outcome = primed.run("run", "-", *options, input=text, env=env)
                self.assert_code(outcome, 0)
                self.assertEqual(outcome.out, b"")
                self.assertEqual([path.name for path in self.folder.iterdir()], [expected])
                (self.folder / expected).unlink()

    def test_run_truncates_the_results_and_serve_appends(self):
        results = self.write("results", "before\n")
        self.assert_code(primed.run("run", "-", "--results", results, input=ONE), 0)
        first = results.read_text()
        self.assertNotIn("before", first)
        with primed.Running("serve", "-", "--results", results) as running:
            running.write(ONE)
            running.close_input()
            for _ in range(1000):
                if results.read_text().count('"event":"result"') == 2:
                    break
                primed.time.sleep(0.01)
            running.signal(primed.signal.SIGTERM)
            self.assert_code(running.wait(), 0)
        self.assertTrue(results.read_text().startswith(first))
        self.assertEqual(results.read_text().count('"event":"summary"'), 2)

    def test_the_schema_is_the_published_file(self):
        outcome = primed.run("schema")
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.out, (primed.ROOT / "config/jobs.schema.json").read_bytes())

    def test_every_list_in_config_is_right(self):
        for name in ("chapter.json", "overlap.json"):
            self.assert_code(primed.run("check", primed.ROOT / "config" / name), 0)


class Jobs(primed.Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_an_empty_list_is_a_summary_of_zeros(self):
        outcome = primed.run_jobs()
        self.assert_code(outcome, 0)
        self.assert_accounted(outcome)
        self.assertEqual([record["event"] for record in outcome.records], ["run", "summary"])
        self.assertEqual(outcome.summary["accepted"], 0)

    def test_jobs_without_an_id_are_called_by_their_position(self):
        outcome = primed.run_jobs(SEVEN, SEVEN | {"id": "B"}, SEVEN)
        self.assertEqual(sorted(r["job_id"] for r in outcome.of("result")), ["B", "job-1", "job-3"])

    def test_a_list_of_numbers_has_a_check_for_each_and_one_result(self):
        numbers = [561, "2", -7, 0, 1, "0xFF", 2**89 - 1, str(10**400 + 1)]
        outcome = primed.run_jobs({"id": "many", "kind": "prime", "numbers": numbers})
        self.assert_code(outcome, 0)
        self.assert_accounted(outcome)
        checks = sorted(outcome.of("check"), key=lambda check: check["index"])
        self.assertEqual([check["index"] for check in checks], list(range(8)))
        texts = ["561", "2", "-7", "0", "1", "255", str(2**89 - 1), str(10**400 + 1)]
        self.assertEqual([check["number"] for check in checks], texts)
        self.assertEqual([check["prime"] for check in checks], [False, True] + [False] * 4 +
                         [True, False])
        for check in checks:
            self.assertTrue(check["certainty"] == "proven" or check["prime"])
        self.assertEqual(outcome.result("many")["result"], {"checked": 8, "primes": 2})

    def test_a_file_of_numbers_is_relative_to_the_lists_folder(self):
        (self.folder / "numbers.txt").write_text("2\n0x11\n100000000000000000000000000000\n")
        path = self.folder / "jobs.json"
        path.write_text('{"jobs": [{"id": "f", "kind": "prime", "numbers_from": "numbers.txt"}]}')
        outcome = primed.run("run", path, cwd="/")
        self.assert_code(outcome, 0)
        self.assert_accounted(outcome)
        self.assertEqual(outcome.result("f")["result"], {"checked": 3, "primes": 2})

    def test_a_file_of_numbers_that_cannot_be_read_or_has_a_bad_line_fails_its_job(self):
        (self.folder / "bad.txt").write_text("7\nseven\n")
        for name, code in (("none.txt", "numbers_unreadable"), ("bad.txt", "invalid_number")):
            with self.subTest(name):
                path = str(self.folder / name)
                outcome = primed.run_jobs({"id": "f", "kind": "prime", "numbers_from": path}, SEVEN)
                self.assert_code(outcome, 1)
                self.assert_accounted(outcome)
                result = outcome.result("f")
                self.assertEqual((result["state"], result["error"]["code"]), ("failed", code))
                self.assertTrue(result["error"]["message"])
                self.assertEqual(outcome.summary["succeeded"], 1)

    def test_a_countdown_from_nothing_is_done_at_once(self):
        outcome = primed.run_jobs({"id": "A", "kind": "countdown", "from": 0, "interval": "1h"})
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.result("A")["result"]["ticks"], 0)
        self.assertEqual(outcome.of("tick"), [])

    def test_an_interval_of_nothing_ticks_at_once(self):
        outcome = primed.run_jobs({"id": "A", "kind": "countdown", "from": 100, "interval": 0})
        self.assert_code(outcome, 0)
        self.assertEqual([t["value"] for t in outcome.of("tick")], list(range(100, 0, -1)))

    def test_both_kinds_run_on_both_executors(self):
        numbers = [2**61 - 1, 2**89 - 1, 9637529763296797]
        jobs = [{"id": "A", "kind": "countdown", "from": 3, "interval": "20ms"}]
        jobs += [{"id": str(n), "kind": "prime", "number": n} for n in numbers]
        for executor in ("loop", "thread"):
            with self.subTest(executor):
                outcome = primed.run_jobs(*jobs, options=("--executor", executor))
                self.assert_code(outcome, 0)
                self.assert_accounted(outcome)
                self.assertEqual([t["value"] for t in outcome.of("tick")], [3, 2, 1])
                for n in numbers:
                    result = outcome.result(str(n))["result"]
                    self.assertEqual(result["prime"], primed.is_prime(n))

    def test_an_id_comes_back_as_it_was(self):
        names = ['quote " and \\', "größe 素数 🧮", "a/b~c", "x" * 128, "ä" * 128]
        outcome = primed.run_jobs(*(SEVEN | {"id": name} for name in names))
        self.assert_code(outcome, 0)
        self.assertEqual(sorted(r["job_id"] for r in outcome.of("result")), sorted(names))


if __name__ == "__main__":
    primed.main()
