"""The image: builds, does the main job, and ends cleanly as process 1 when it is stopped."""

import json
import os
import shutil
import subprocess
import time
import unittest

import primed

IMAGE = f"primed-e2e-{os.getpid()}"
DOCKER = {"DOCKER_BUILDKIT": "0"}  # what works with every engine


def docker(*arguments, timeout=120, **options):
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=timeout,
                          env=os.environ | DOCKER, **options)


def engine_answers():
    if shutil.which("docker") is None:
        return False
    try:
        return docker("version", "--format", "{{.Server.Version}}", timeout=20).returncode == 0
    except subprocess.TimeoutExpired:
        return False


class Docker(primed.Case):
    @classmethod
    def setUpClass(cls):
        if not engine_answers():
            raise unittest.SkipTest("no Docker engine answers here")
        built = docker("build", "--network", "host", "--tag", IMAGE, str(primed.ROOT), timeout=1400)
        cls.addClassCleanup(docker, "image", "rm", "--force", IMAGE)
        assert built.returncode == 0, built.stdout[-6000:] + built.stderr[-2000:]

    def test_it_does_the_main_job(self):
        done = docker("run", "--rm", "--network", "none", IMAGE)
        self.assertEqual(done.returncode, 0, done.stderr)
        records = [primed.parse_record(line) for line in done.stdout.splitlines()]
        ticks = [f'{r["job_id"]}{r["value"]}' for r in records if r["event"] == "tick"]
        self.assertEqual(ticks, "C3 B3 A3 C2 C1 B2 A2 B1 A1".split())
        self.assertEqual(records[-1]["succeeded"], 6)

    def test_it_reads_a_list_from_standard_input(self):
        done = docker("run", "--rm", "-i", "--network", "none", IMAGE, "run", "-",
                      input='{"jobs":[{"kind":"prime","number":7}]}')
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_service_ends_cleanly_within_the_grace_when_it_is_stopped(self):
        started = docker("run", "--detach", "--network", "none", IMAGE, "serve",
                         "/etc/primed/overlap.json", "--grace", "2s")
        self.assertEqual(started.returncode, 0, started.stderr)
        container = started.stdout.strip()
        self.addCleanup(docker, "rm", "--force", container)
        time.sleep(1)
        start = time.monotonic()
        self.assertEqual(docker("stop", "--time", "20", container).returncode, 0)
        self.assertLess(time.monotonic() - start, 6)
        state = json.loads(docker("inspect", container).stdout)[0]["State"]
        self.assertEqual((state["Status"], state["ExitCode"]), ("exited", 0))
        last = docker("logs", container).stdout.splitlines()[-1]
        self.assertEqual(primed.parse_record(last)["event"], "summary")

    def test_it_does_not_run_as_root_and_has_little_in_it(self):
        config = json.loads(docker("image", "inspect", IMAGE).stdout)[0]["Config"]
        self.assertRegex(config["User"], r"^[1-9]\d*(:\d+)?$")
        self.assertEqual(config["Entrypoint"], ["/usr/bin/primed"])
        self.assertEqual(config["StopSignal"], "SIGTERM")
        found = docker("run", "--rm", "--network", "none", "--entrypoint", "sh", IMAGE, "-c",
                       "command -v g++ cmake ninja python3; ls /source; id -u; ls /etc/primed")
        self.assertNotIn("/usr/bin/", found.stdout)
        self.assertNotIn("CMakeLists.txt", found.stdout)
        self.assertIn("chapter.json", found.stdout)


if __name__ == "__main__":
    primed.main()
