"""Calls that do nothing, on a pool of two threads of asyncio."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from peer import ns_since, run, scaled, tell


def nothing():
    pass


async def main():
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(2) as pool:
        count = scaled(5_000)
        start = time.perf_counter_ns()
        for _ in range(count):
            await loop.run_in_executor(pool, nothing)
        tell("one_at_a_time", ns_since(start, count))

        rounds = max(scaled(20_000) // 1000, 1)
        start = time.perf_counter_ns()
        for _ in range(rounds):
            await asyncio.gather(*(loop.run_in_executor(pool, nothing) for _ in range(1000)))
        tell("in_flight", ns_since(start, rounds * 1000))


run(main())
