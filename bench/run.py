#!/usr/bin/env python3
"""Runs the benchmark with programs that are built; scripts/bench builds them and calls this."""

import argparse
import datetime
import json
import subprocess
import sys
from pathlib import Path

from runner import machine, report, subject
from runner.rounds import BadOutput, Rounds

HERE = Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help="folders of bench/; all")
    parser.add_argument("--programs", type=Path, required=True, help="where they were built")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each program (5)")
    parser.add_argument("--smoke", action="store_true", help="a tiny amount, to see that all runs")
    parser.add_argument("--document", type=Path, help="where to write the report")
    return parser.parse_args()


def choose(names):
    subjects = subject.load_all(HERE)
    unknown = set(names) - {one.name for one in subjects}
    if unknown:
        known = ", ".join(one.name for one in subjects)
        sys.exit(f"bench: no subject is called {', '.join(sorted(unknown))}; there are {known}")
    return subjects, [one for one in subjects if not names or one.name in names]


def commit():
    """What is measured, as git names it."""
    command = ["git", "-C", str(HERE), "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() or "an unknown commit"


def measure(one, options):
    rounds = Rounds(one, options.programs, options.smoke)
    count = 1 if options.smoke else options.rounds
    rounds.run(count)
    return {
        "date": datetime.date.today().isoformat(),
        "commit": commit(),
        "rounds": count,
        "missing": rounds.missing,
        "values": [
            {"contender": contender, "figure": figure, "values": values}
            for (contender, figure), values in rounds.values.items()
        ],
    }


def main():
    options = arguments()
    subjects, chosen = choose(options.subjects)
    # What was measured is kept beside the programs: a subject that is measured again alone takes
    # its place among the others.
    store = options.programs.parent / "benchmarks.json"
    kept = json.loads(store.read_text()) if store.exists() and not options.smoke else {}
    for one in chosen:
        try:
            result = measure(one, options)
        except BadOutput as error:
            sys.exit(f"bench: {one.name}: {error}")
        if options.smoke:
            print(f"{one.name}: {len(result['values'])} figures; without {result['missing']}")
            continue
        kept[one.name] = result
        store.write_text(json.dumps(kept))
        lines = [*report.section(one, result), "", *report.targets(one, result), ""]
        print("\n".join(lines), flush=True)
    if options.document:
        report.write(
            options.document, report.document(subjects, kept, machine.describe(options.programs))
        )


if __name__ == "__main__":
    main()
