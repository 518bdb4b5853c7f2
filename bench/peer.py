"""What the peers in Python share: which loop to run on, and how a figure is told."""

import asyncio
import os
import sys
import time

NAME = sys.argv[1]  # asyncio or uvloop
SMOKE = "--smoke" in sys.argv


def run(coroutine):
    if NAME == "uvloop":
        import uvloop

        uvloop.install()
    return asyncio.run(coroutine)


def scaled(count):
    """How often to do something; a hundredth in a smoke run."""
    return max(count // 100, 10) if SMOKE else count


def tell(figure, value):
    print(NAME, figure, f"{value:.6g}")


def ns_since(start, count):
    """Nanoseconds that each of `count` operations took."""
    return (time.perf_counter_ns() - start) / count


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
