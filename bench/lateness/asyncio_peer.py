"""Countdowns of asyncio; the load is two other processes that compute."""

import asyncio
import multiprocessing
import os
import time

from peer import SMOKE, run, tell

DURATION_NS = 50_000_000 if SMOKE else 3_000_000_000


async def count_down(period, begin, lateness):
    due = begin + period
    while due <= begin + DURATION_NS:
        await asyncio.sleep((due - time.monotonic_ns()) / 1e9)
        lateness.append(time.monotonic_ns() - due)
        due += period


async def count_all():
    lateness = []
    begin = time.monotonic_ns()
    periods = (10_000_000 * (index + 1) for index in range(100))
    await asyncio.gather(*(count_down(period, begin, lateness) for period in periods))
    return sorted(lateness)


def compute():
    state = 1
    while True:
        state = state * 6364136223846793005 % 2**64


def measure(circumstances):
    lateness = run(count_all())
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        tell(f"{circumstances}_{name}", lateness[int(share * (len(lateness) - 1))] / 1000)
    tell(f"{circumstances}_early", sum(late < 0 for late in lateness))


if __name__ == "__main__":
    measure("quiet")
    load = [multiprocessing.Process(target=compute, daemon=True) for _ in range(os.cpu_count())]
    for process in load:
        process.start()
    measure("loaded")
    for process in load:
        process.terminate()
