"""Messages from one task of asyncio to another through a queue."""

import asyncio
import time

from peer import ns_since, run, scaled, tell


async def produce(queue, count):
    for number in range(count):
        await queue.put(number)


async def through(capacity, count):
    queue = asyncio.Queue(capacity)
    start = time.perf_counter_ns()
    producer = asyncio.create_task(produce(queue, count))
    for expected in range(count):
        assert await queue.get() == expected
    await producer
    return ns_since(start, count)


async def main():
    count = scaled(200_000)
    tell("ping_pong", await through(1, count))
    tell("capacity_128", await through(128, count))


run(main())
