"""`primed run config/chapter.json`: the six jobs that the program is shown with."""

import re

import primed

DUE_MS = {"A": [1000, 2000, 3000], "B": [800, 1600, 2400], "C": [500, 1000, 1500]}


class Chapter(primed.Case):
    @classmethod
    def setUpClass(cls):
        cls.outcome = primed.run("run", primed.ROOT / "config/chapter.json")

    def test_it_ends_well_in_three_seconds_and_says_nothing_else(self):
        self.assert_code(self.outcome, 0)
        self.assert_accounted(self.outcome)
        self.assertEqual(self.outcome.err, "")
        wall = self.outcome.summary["wall_ms"]
        self.assertGreaterEqual(wall, 3000)
        self.assertLess(wall, 3000 + 500 * primed.SLACK)
        self.assertLess(self.outcome.seconds, 4 * primed.SLACK)

    def test_six_jobs_succeed(self):
        counts = {key: self.outcome.summary[key] for key in ("accepted", "succeeded")}
        self.assertEqual(counts, {"accepted": 6, "succeeded": 6})
        ids = {result["job_id"] for result in self.outcome.of("result")}
        self.assertEqual(ids, {"A", "B", "C", "large", "medium", "small"})

    def test_the_ticks_come_in_the_chapters_order(self):
        ticks = [f'{tick["job_id"]}{tick["value"]}' for tick in self.outcome.of("tick")]
        self.assertEqual(ticks, "C3 B3 A3 C2 C1 B2 A2 B1 A1".split())

    def test_each_tick_is_due_at_its_multiple_of_the_interval_and_never_early(self):
        latest = 0
        for tick in self.outcome.of("tick"):
            due = DUE_MS[tick["job_id"]][3 - tick["value"]]
            self.assertGreaterEqual(tick["elapsed_ms"], due)
            self.assertGreaterEqual(tick["lateness_ms"], 0)
            self.assertAlmostEqual(tick["elapsed_ms"] - due, tick["lateness_ms"], delta=0.0011)
            latest = max(latest, tick["lateness_ms"])
        print(f"latest tick: {latest:.3f} ms late; on an idle machine at most 5")
        self.assertLess(latest, 100 * primed.SLACK)

    def test_a_countdowns_result_has_its_ticks_and_the_latest(self):
        for job_id in "ABC":
            result = self.outcome.result(job_id)
            late = [t["lateness_ms"] for t in self.outcome.of("tick") if t["job_id"] == job_id]
            self.assertEqual(result["result"], {"ticks": 3, "lateness_ms_max": max(late)})
            self.assertGreaterEqual(result["duration_ns"], DUE_MS[job_id][2] * 1_000_000)

    def test_the_checks_are_right_proven_and_done_before_the_first_tick(self):
        events = [(r["event"], r.get("job_id")) for r in self.outcome.records]
        first_tick = [event for event, _ in events].index("tick")
        for job_id, number in (("large", 9637529763296797), ("medium", 427920331), ("small", 157)):
            self.assertLess(events.index(("result", job_id)), first_tick)
            result = self.outcome.result(job_id)["result"]
            self.assertEqual(list(result), ["number", "prime", "certainty", "method"])
            self.assertEqual(result["number"], str(number))
            self.assertEqual(result["prime"], primed.is_prime(number))
            self.assertEqual(result["certainty"], "proven")

    def test_the_run_record_says_what_holds_for_all(self):
        run = self.outcome.records[0]
        self.assertEqual(run["schema_version"], 1)
        self.assertRegex(run["program"], r"^primed \d+\.\d+\.\d+$")
        self.assertTrue(run["run_id"])
        self.assertTrue(run["host"])
        self.assertRegex(run["started_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_times_have_three_decimals(self):
        for name in (b"elapsed_ms", b"lateness_ms", b"lateness_ms_max", b"wall_ms"):
            values = re.findall(b'"' + name + rb'":([^,}]*)', self.outcome.out)
            self.assertTrue(values, name)
            for value in values:
                self.assertRegex(value, rb"^\d+\.\d{3}$")


if __name__ == "__main__":
    primed.main()
