"""Runs the programs of a subject in turn, round after round, and collects what they print."""

import json
import math
import os
import subprocess
from collections import defaultdict
from pathlib import Path

from runner.subject import is_own

TIME_LIMIT_SECONDS = 300
BENCH = Path(__file__).resolve().parent.parent
# What the peers in Python share is found, and leaves nothing behind.
ENVIRONMENT = os.environ | {"PYTHONPATH": str(BENCH), "PYTHONDONTWRITEBYTECODE": "1"}


class BadOutput(Exception):
    """A program failed, or printed what subject.json does not know."""


class Rounds:
    """The rounds of one subject. A round runs each program once, so that what slows the machine for
    a while slows all of them."""

    def __init__(self, subject, programs, smoke=False):
        self.subject = subject
        self.smoke = smoke
        self.missing = []  # contenders that are not installed
        self.values = defaultdict(list)  # (contender, figure) -> one value a round
        self._folder = programs
        self._programs = [program for program in subject.programs if self._has(program)]

    def run(self, count):
        for _ in range(count):
            for program in self._programs:
                for contender, figure, value in self._figures(program):
                    self.values[contender, figure].append(value)
        for target in self.subject.targets:
            if is_own(target.of) and (target.of, target.figure) not in self.values:
                raise BadOutput(f"nothing printed '{target.of} {target.figure}': it has a target")

    def _has(self, program):
        installed = program.is_installed_in(self._folder)
        if installed and program.needs:
            try:
                installed = subprocess.run(program.needs, capture_output=True).returncode == 0
            except OSError:
                installed = False
        if not installed:
            self.missing += program.contenders
        return installed

    def _command(self, program):
        places = {"{bin}": str(self._folder), "{here}": str(self.subject.folder)}
        command = []
        for word in program.command:
            for name, place in places.items():
                word = word.replace(name, place)
            command.append(word)
        if program.google_benchmark:
            seconds = "0.001" if self.smoke else "0.3"
            return command + ["--benchmark_format=json", f"--benchmark_min_time={seconds}"]
        return command + (["--smoke"] if self.smoke else [])

    def _figures(self, program):
        command = self._command(program)
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=TIME_LIMIT_SECONDS,
                stdin=subprocess.DEVNULL,
                env=ENVIRONMENT,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BadOutput(f"{' '.join(command)}: {error}") from error
        if done.returncode != 0:
            raise BadOutput(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
        parse = parse_google_benchmark if program.google_benchmark else parse_lines
        figures = parse(done.stdout)
        self._check(program, figures)
        return figures

    def _check(self, program, figures):
        told = {contender for contender, _, _ in figures}
        for contender, figure, value in figures:
            if figure not in self.subject.figures or contender not in program.contenders:
                raise BadOutput(f"{program.command[0]}: '{contender} {figure}' is not declared")
            least = -math.inf if self.subject.figures[figure].may_be_negative else 0
            if not (math.isfinite(value) and value >= least):
                raise BadOutput(f"{program.command[0]}: {contender} {figure} is {value}")
        absent = set(program.contenders) - told
        # One program of several peers leaves out those that were not there when it was built.
        if not told or any(is_own(name) for name in absent):
            raise BadOutput(f"{program.command[0]}: says nothing of {', '.join(sorted(absent))}")
        self.missing += sorted(absent - set(self.missing))


def parse_lines(text):
    """`CONTENDER FIGURE VALUE`, one a line."""
    figures = []
    for line in text.splitlines():
        words = line.split()
        if len(words) != 3:
            raise BadOutput(f"expected CONTENDER FIGURE VALUE, got: {line}")
        try:
            figures.append((words[0], words[1], float(words[2])))
        except ValueError as error:
            raise BadOutput(f"expected a number at the end of: {line}") from error
    return figures


def parse_google_benchmark(text):
    """Benchmarks called `CONTENDER/FIGURE`; the figure is a counter called `figure` if there is
    one, else the processor time of an iteration in nanoseconds."""
    to_ns = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
    figures = []
    for entry in json.loads(text)["benchmarks"]:
        contender, figure = entry["name"].split("/")[:2]
        value = entry.get("figure", entry["cpu_time"] * to_ns[entry["time_unit"]])
        figures.append((contender, figure, value))
    return figures
