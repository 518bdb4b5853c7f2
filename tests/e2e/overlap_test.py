"""`config/overlap.json`: countdowns beside two checks that compute for seconds, each way."""

from datetime import datetime

import primed

LIST = primed.ROOT / "config/overlap.json"
IN_ORDER = "C3 B3 A3 C2 C1 B2 A2 B1 A1".split()
IN_ORDER_OF_JOBS = "A3 A2 A1 B3 B2 B1 C3 C2 C1".split()


class Overlap(primed.Case):
    def overlap(self, *options):
        outcome = primed.run("run", LIST, *options, timeout=240)
        self.assert_code(outcome, 0)
        self.assert_accounted(outcome)
        self.assertEqual(outcome.summary["succeeded"], 5)
        for job_id in ("first", "second"):
            result = outcome.result(job_id)["result"]
            self.assertEqual(result["number"], str(primed.SLOW_PRIME))
            self.assertEqual((result["prime"], result["certainty"], result["method"]),
                             (True, "proven", "trial_division"))
        late = max(tick["lateness_ms"] for tick in outcome.of("tick"))
        print(f"{' '.join(options) or 'default'}: {outcome.seconds:.2f} s, "
              f"{outcome.cpu_seconds:.2f} s of computing, latest tick {late:.3f} ms late")
        return outcome, late

    def assert_punctual(self, outcome, late, in_order=True):
        ticks = [f'{tick["job_id"]}{tick["value"]}' for tick in outcome.of("tick")]
        if in_order:
            self.assertEqual(ticks, IN_ORDER)
        else:  # threads that are due at one time come in any order, but each job's ticks in theirs
            self.assertEqual(sorted(ticks, key=lambda tick: tick[0]), IN_ORDER_OF_JOBS)
        self.assertLess(late, 500)  # the figure itself is printed: the machine may be busy

    def test_by_default_the_checks_compute_on_the_pool_and_the_ticks_keep_their_time(self):
        outcome, late = self.overlap("--workers", "2")
        self.assert_punctual(outcome, late)
        spans = [(datetime.fromisoformat(result["started_at"]), result["duration_ns"] / 1e9)
                 for result in map(outcome.result, ("first", "second"))]
        (start, seconds), (later_start, _) = sorted(spans)
        self.assertLess((later_start - start).total_seconds(), seconds, "one after the other")

    def test_on_the_loop_alone_the_ticks_keep_their_time_too(self):
        outcome, late = self.overlap("--executor", "loop")
        self.assert_punctual(outcome, late)
        self.assertLess(outcome.cpu_seconds, 1.2 * outcome.seconds, "more than one thread computes")

    def test_on_threads_it_needs_five_workers(self):
        outcome, late = self.overlap("--executor", "thread", "--workers", "5")
        self.assert_punctual(outcome, late, in_order=False)

    def test_with_two_workers_the_later_jobs_wait(self):
        outcome, _ = self.overlap("--executor", "thread", "--workers", "2")
        started = {r["job_id"]: r["started_at"] for r in outcome.of("result")}
        first = outcome.records[0]["started_at"]
        waited = [job_id for job_id, time in started.items() if time[:19] > first[:19]]
        self.assertGreaterEqual(len(waited), 2, started)


if __name__ == "__main__":
    primed.main()
