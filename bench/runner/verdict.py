"""Judges the values of a subject: medians, ratios, and whether each target was reached."""

from dataclasses import dataclass
from statistics import median

from runner.subject import BEST_PEER, is_peer


@dataclass(frozen=True)
class Spread:
    middle: float
    least: float
    most: float


def spread(values):
    return Spread(median(values), min(values), max(values))


@dataclass(frozen=True)
class Judged:
    """A target with what was reached; `reached` is None where something needed is missing."""

    target: object
    against: str | None  # the contender that the ratio is to
    reached: float | None

    @property
    def is_met(self):
        return self.reached is not None and self.target.is_met_by(self.reached)


def best_peer(subject, spreads, figure):
    """The peer with the best median of `figure`; None if no peer has it."""
    peers = [
        (spreads[contender, name].middle, contender)
        for contender, name in spreads
        if name == figure and is_peer(contender)
    ]
    if not peers:
        return None
    choose = min if subject.figures[figure].lower_is_better else max
    return choose(peers)[1]


def judge(subject, spreads):
    """One Judged for each target of the subject."""
    judged = []
    for target in subject.targets:
        own = spreads.get((target.of, target.figure))
        if target.times is None:
            judged.append(Judged(target, None, own.middle if own else None))
            continue
        against = target.times
        if against == BEST_PEER:
            against = best_peer(subject, spreads, target.figure)
        other = spreads.get((against, target.figure))
        ratio = own.middle / other.middle if own and other and other.middle else None
        judged.append(Judged(target, against, ratio))
    return judged
