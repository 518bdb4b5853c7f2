"""Tasks of asyncio that sleep from 1 to 1000 ms."""

import asyncio
import time

from peer import resident_bytes, run, scaled, tell


async def main():
    count = scaled(100_000)
    before = resident_bytes()
    start = time.process_time_ns()
    tasks = [asyncio.create_task(asyncio.sleep((i * 7919 % 1000 + 1) / 1000)) for i in range(count)]
    await asyncio.sleep(0)
    memory = resident_bytes() - before
    await asyncio.gather(*tasks)
    tell("cpu", (time.process_time_ns() - start) / count)
    tell("bytes", max(memory, 0) / count)


run(main())
