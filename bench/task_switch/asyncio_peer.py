"""Tasks of asyncio that yield."""

import asyncio
import time

from peer import ns_since, run, scaled, tell


async def give_way(times):
    for _ in range(times):
        await asyncio.sleep(0)


async def main():
    count = scaled(500_000)
    start = time.perf_counter_ns()
    await give_way(count)
    tell("one_task", ns_since(start, count))

    each = max(count // 1000, 1)
    start = time.perf_counter_ns()
    await asyncio.gather(*(give_way(each) for _ in range(1000)))
    tell("thousand_tasks", ns_since(start, each * 1000))


run(main())
