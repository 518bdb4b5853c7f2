"""Tasks of asyncio that are made and awaited."""

import asyncio
import time

from peer import ns_since, resident_bytes, run, scaled, tell


async def nothing():
    pass


async def main():
    count = scaled(200_000)
    start = time.perf_counter_ns()
    for _ in range(max(count // 1000, 1)):
        for task in [asyncio.create_task(nothing()) for _ in range(1000)]:
            await task
    tell("by_thousand", ns_since(start, max(count // 1000, 1) * 1000))

    before = resident_bytes()
    start = time.perf_counter_ns()
    tasks = [asyncio.create_task(nothing()) for _ in range(count)]
    await asyncio.sleep(0)
    memory = resident_bytes() - before
    for task in tasks:
        await task
    tell("at_once", ns_since(start, count))
    tell("bytes", max(memory, 0) / count)


run(main())
