"""`primed ps` and `primed pstree` show the tasks of a process, also of one that is stuck."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import primed

STUCK_PROGRAM = os.environ.get("PRIMED_STUCK_PROGRAM")
COUNTDOWNS = {"jobs": [{"id": name, "kind": "countdown", "from": 1, "interval": "1h"}
                       for name in ("A", "B", "C")]}


class Inspect(primed.Case):
    def serving(self, jobs=COUNTDOWNS):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name, "jobs.json")
        path.write_text(json.dumps(jobs))
        running = primed.Running("serve", path)
        self.addCleanup(running.__exit__)
        running.wait_for_event("run")
        return running

    def look(self, command, process, *options):
        outcome = primed.run(command, *options, process)
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.err, "")
        return outcome.out.decode()

    def look_for(self, text, *call):
        """The answer that holds `text`, which may take the program a moment."""
        for _ in range(int(1000 * primed.SLACK)):
            answer = self.look(*call)
            if text in answer:
                return answer
            time.sleep(0.01)
        self.fail(f"never {text!r} in {answer}")

    def test_ps_has_a_line_for_each_task_with_its_name_and_place(self):
        running = self.serving()
        text = self.look_for("countdown C", "ps", running.process.pid)
        heading, *lines = text.splitlines()
        self.assertEqual(heading.split()[:4], ["ID", "NAME", "STATE", "AGE"])
        self.assertRegex(text, r"\n\d+ +main ")
        for name in "ABC":
            (line,) = [line for line in lines if f"countdown {name} " in line]
            self.assertRegex(line, r" sleep +\d+\.\ds +0 ")
            self.assertRegex(line, r"CountdownWork::work\(\) work\.cpp:\d+")

    def test_pstree_shows_who_waits_for_whom(self):
        running = self.serving({"jobs": []})
        text = self.look_for("Service::main()", "pstree", running.process.pid)
        self.assertRegex(
            text, r"(?m)^\(T\) main, \d+\.\ds\n└── primed::Service::main\(\) service\.cpp:\d+")
        self.assertIn("    └── ", text)

    def test_ps_json_is_an_array_of_tasks(self):
        running = self.serving()
        text = self.look_for("countdown C", "ps", running.process.pid, "--json")
        tasks = {task["name"]: task for task in json.loads(text)}
        task = tasks["countdown A"]
        self.assertEqual((task["state"], task["waits_for"]), ("waiting", "sleep"))
        self.assertEqual(task["stack"][-1]["function"].split("::")[-2:], ["CountdownWork", "work"])
        self.assertTrue(task["made_at"]["file"].endswith("loop_lane.cpp"))
        self.assertEqual(task["cancelling"], 0)

    def test_sigusr2_prints_the_counts_and_then_the_tree(self):
        running = self.serving()
        self.look_for("countdown C", "ps", running.process.pid)
        running.signal(signal.SIGUSR2)
        running.wait_for_err("(T) countdown C")
        running.signal(signal.SIGTERM)
        outcome = running.wait()
        self.assert_code(outcome, 0)
        self.assert_accounted(outcome)
        self.assertLess(outcome.err.index("3 accepted"), outcome.err.index("(T) main"))

    def test_looking_changes_nothing(self):
        jobs = {"jobs": [{"id": "A", "kind": "countdown", "from": 3, "interval": "300ms"}]}
        with primed.Running("run", "-") as running:
            running.write(json.dumps(jobs))
            running.close_input()
            running.wait_for_event("run")
            for _ in range(5):
                self.look("ps", running.process.pid)
            outcome = running.wait()
        self.assert_code(outcome, 0)
        self.assert_accounted(outcome)
        self.assertEqual([tick["value"] for tick in outcome.of("tick")], [3, 2, 1])

    @unittest.skipUnless(STUCK_PROGRAM, "the program that gets stuck was not built")
    @unittest.skipIf(os.environ.get("PRIMED_SANITIZE") == "thread",
                     "ThreadSanitizer keeps a signal back until read() returns")
    def test_a_process_that_is_stuck_in_a_step_answers(self):
        with primed.Running(program=STUCK_PROGRAM) as running:
            running.wait_for_out("stuck")
            table = self.look("ps", running.process.pid)
            self.assertRegex(table, r"stuck one +running ")
            self.assertRegex(table, r"sleeping +sleep ")
            tree = self.look("pstree", running.process.pid)
            self.assertIn("(T) stuck one, running, ", tree)
            self.assertRegex(tree, r"get_stuck\(\) stuck_program\.cpp:\d+")
            running.close_input()
            self.assert_code(running.wait(), 0)

    def test_a_process_that_is_not_there_is_69(self):
        gone = subprocess.Popen(["true"])
        gone.wait()
        for command in ("ps", "pstree"):
            outcome = primed.run(command, gone.pid)
            self.assert_code(outcome, 69)
            self.assertEqual(outcome.err, f"primed: there is no process {gone.pid}\n")

    def test_a_process_that_is_no_primed_is_69(self):
        outcome = primed.run("ps", os.getpid())
        self.assert_code(outcome, 69)
        self.assertIn("is no primed", outcome.err)
        self.assertEqual(outcome.out, b"")

    @unittest.skipUnless(os.geteuid() == 0, "only root can be somebody else")
    def test_another_user_is_77_and_root_may_look(self):
        program = Path(primed.PROGRAM)
        if not all(folder.stat().st_mode & 1 for folder in program.parents):
            self.skipTest("another user cannot reach the program")
        running = self.serving()
        other = subprocess.run([program, "ps", str(running.process.pid)], user=65534,
                               capture_output=True, text=True)
        self.assertEqual((other.returncode, other.stdout), (77, ""), other.stderr)
        self.assertTrue(re.search("belongs to another user", other.stderr))

    def test_a_wrong_call_is_64(self):
        for arguments in (("ps",), ("ps", "x"), ("ps", "-1"), ("pstree", "0"), ("ps", "1", "2")):
            self.assert_code(primed.run(*arguments), 64)

    def test_help_names_the_process(self):
        for command in ("ps", "pstree"):
            outcome = primed.run(command, "--help")
            self.assert_code(outcome, 0)
            self.assertIn(b"PID", outcome.out)


if __name__ == "__main__":
    primed.main()
