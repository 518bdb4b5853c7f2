"""Queues."""

import asyncio

from scenario import at, attempt, outcome, scenario, ticks, trace, turns

WITH_SHUTDOWN = (3, 13)


async def get(name, queue):
    trace(name, await outcome(queue.get()), at())


async def put(name, queue, item):
    trace(name, await outcome(queue.put(item)), at())


@scenario("Q1")
async def queues_have_their_orders():
    for kind in (asyncio.Queue, asyncio.LifoQueue, asyncio.PriorityQueue):
        queue = kind()
        for item in (2, 3, 1):
            await queue.put(item)
        trace(queue.qsize(), queue.full(), queue.empty())
        trace([queue.get_nowait() for _ in range(3)], queue.empty())


@scenario("Q2")
async def nowait_raises_instead_of_waiting():
    queue = asyncio.Queue(1)
    trace(attempt(queue.get_nowait))
    trace(attempt(queue.put_nowait, 1), queue.full())
    trace(attempt(queue.put_nowait, 2))
    trace(attempt(queue.get_nowait), queue.full())


@scenario("Q3")
async def put_waits_while_the_queue_is_full():
    queue = asyncio.Queue(1)
    tasks = [asyncio.create_task(put(name, queue, name)) for name in "abc"]
    await ticks(2)
    for _ in range(3):
        trace("got", await queue.get())
        await turns(2)
    for task in tasks:
        await task


@scenario("Q3")
async def getters_are_served_in_order():
    queue = asyncio.Queue()
    tasks = [asyncio.create_task(get(name, queue)) for name in "abc"]
    await turns(1)
    for item in (1, 2):
        queue.put_nowait(item)
    await ticks(2)
    queue.put_nowait(3)
    for task in tasks:
        await task


@scenario("Q3")
async def producer_and_consumer_take_turns():
    queue = asyncio.Queue(2)

    async def produce():
        for item in range(5):
            await queue.put(item)
            trace("put", item)
        await queue.put(None)

    async def consume():
        while (item := await queue.get()) is not None:
            trace("got", item)
            await asyncio.sleep(0)

    producer = asyncio.create_task(produce())
    await consume()
    await producer


@scenario("Q4")
async def a_cancelled_getter_loses_no_item():
    queue = asyncio.Queue()
    tasks = [asyncio.create_task(get(name, queue)) for name in "ab"]
    await turns(1)
    queue.put_nowait(1)
    tasks[0].cancel()
    queue.put_nowait(2)
    await ticks(3)
    trace(queue.qsize(), [task.done() for task in tasks])


@scenario("Q5")
async def a_cancelled_putter_passes_its_place_on():
    queue = asyncio.Queue(1)
    queue.put_nowait(0)
    tasks = [asyncio.create_task(put(name, queue, name)) for name in "ab"]
    await turns(1)
    trace("got", queue.get_nowait())
    tasks[0].cancel()
    await ticks(4)
    trace("got", queue.get_nowait())
    for task in tasks:
        await task


@scenario("Q7")
async def join_waits_for_every_task_done():
    queue = asyncio.Queue()
    await queue.join()
    trace("joined at once")
    queue.put_nowait(1)
    queue.put_nowait(2)

    async def join():
        await queue.join()
        trace("joined")

    task = asyncio.create_task(join())
    for _ in range(2):
        await turns(1)
        queue.get_nowait()
        trace("done one")
        queue.task_done()
    await ticks(2)
    await task
    trace(attempt(queue.task_done))


@scenario("Q8", oldest=WITH_SHUTDOWN)
async def a_shutdown_wakes_and_drains():
    queue = asyncio.Queue(1)
    queue.put_nowait(1)
    putter = asyncio.create_task(put("putter", queue, 2))
    await turns(1)
    queue.shutdown()
    await putter
    trace(attempt(queue.put_nowait, 3), await outcome(queue.put(3)))
    trace(await outcome(queue.get()), await outcome(queue.get()), attempt(queue.get_nowait))
    queue.task_done()
    await queue.join()
    trace("joined")


@scenario("Q8", oldest=WITH_SHUTDOWN)
async def a_shutdown_wakes_getters():
    queue = asyncio.Queue()
    tasks = [asyncio.create_task(get(name, queue)) for name in "ab"]
    await turns(1)
    queue.shutdown()
    await ticks(2)
    for task in tasks:
        await task


@scenario("Q9", oldest=WITH_SHUTDOWN)
async def an_immediate_shutdown_drops_what_is_there():
    queue = asyncio.Queue()
    for item in (1, 2, 3):
        queue.put_nowait(item)
    queue.get_nowait()

    async def join():
        await queue.join()
        trace("joined")

    task = asyncio.create_task(join())
    await turns(1)
    queue.shutdown(immediate=True)
    trace(queue.qsize(), attempt(queue.get_nowait))
    await ticks(2)
    queue.task_done()
    await task
