"""A subject of the benchmark: what bench/SUBJECT/subject.json says."""

import json
from dataclasses import dataclass
from pathlib import Path

BEST_PEER = "best-peer"


@dataclass(frozen=True)
class Figure:
    """Something that is measured, in one unit."""

    name: str
    title: str
    unit: str
    lower_is_better: bool
    may_be_negative: bool  # a lateness, of what comes early


@dataclass(frozen=True)
class Program:
    """A command that prints figures of one contender or several."""

    command: tuple
    contenders: tuple
    needs: tuple  # a command that succeeds where the peer is installed; empty: nothing to ask
    google_benchmark: bool

    def is_installed_in(self, programs):
        """Whether what it runs was built, or is a file that exists, or is found on the PATH."""
        head = self.command[0]
        return not head.startswith("{bin}/") or (programs / head.removeprefix("{bin}/")).exists()


@dataclass(frozen=True)
class Target:
    """What a contender must reach: an amount, or a ratio to another contender."""

    figure: str
    of: str
    at_most: float | None
    at_least: float | None
    times: str | None  # a contender, BEST_PEER, or None for an amount

    def is_met_by(self, value):
        if self.at_most is not None:
            return value <= self.at_most
        return value >= self.at_least


@dataclass(frozen=True)
class Subject:
    folder: Path
    title: str
    work: str
    order: int
    figures: dict
    programs: tuple
    targets: tuple

    @property
    def name(self):
        return self.folder.name

    @property
    def contenders(self):
        """All of them in the order of the file, each once."""
        return list(dict.fromkeys(name for program in self.programs for name in program.contenders))


class BadSubject(Exception):
    """subject.json says what cannot be meant."""


def is_own(contender):
    """Whether it is ours, and not a peer."""
    return contender.split("-")[0] in ("aio", "primes", "primed")


def is_peer(contender):
    return not is_own(contender) and not contender.startswith("floor-")


def _target(subject, entry):
    target = Target(
        figure=entry["figure"],
        of=entry["of"],
        at_most=entry.get("at_most"),
        at_least=entry.get("at_least"),
        times=entry.get("times"),
    )
    if (target.at_most is None) == (target.at_least is None):
        raise BadSubject(f"{subject}: a target says either at_most or at_least: {entry}")
    return target


def _check(subject):
    for target in subject.targets:
        if target.figure not in subject.figures:
            raise BadSubject(f"{subject.name}: a target's figure is not declared: {target.figure}")
        for contender in (target.of, target.times):
            if contender not in (None, BEST_PEER) and contender not in subject.contenders:
                raise BadSubject(f"{subject.name}: no program has the contender {contender}")


def load(folder):
    """Reads one subject; throws BadSubject where it contradicts itself."""
    text = json.loads((folder / "subject.json").read_text())
    subject = Subject(
        folder=folder,
        title=text["title"],
        work=text["work"],
        order=text["order"],
        figures={
            name: Figure(
                name,
                entry["title"],
                entry["unit"],
                entry.get("lower_is_better", True),
                entry.get("may_be_negative", False),
            )
            for name, entry in text["figures"].items()
        },
        programs=tuple(
            Program(
                tuple(entry["command"]),
                tuple(entry["contenders"]),
                tuple(entry.get("needs", ())),
                entry.get("google_benchmark", False),
            )
            for entry in text["programs"]
        ),
        targets=tuple(_target(folder.name, entry) for entry in text.get("targets", ())),
    )
    _check(subject)
    return subject


def load_all(folder):
    """All subjects below `folder`, in the order of the report."""
    subjects = [load(path.parent) for path in folder.glob("*/subject.json")]
    return sorted(subjects, key=lambda subject: (subject.order, subject.name))
