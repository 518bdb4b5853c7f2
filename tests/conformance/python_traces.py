#!/usr/bin/env python3
"""Runs the scenarios that this Python is new enough for; prints `== NAME` and the trace of each.

    python_traces.py [NAME ...]
"""

import sys

from scenario import SCENARIOS, run
from scenarios import load_all


def main():
    load_all()
    for name in sys.argv[1:] or SCENARIOS:
        if sys.version_info[:3] >= SCENARIOS[name].oldest:
            print("==", name, flush=True)
            run(name)


if __name__ == "__main__":
    main()
