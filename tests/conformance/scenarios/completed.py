"""as_completed."""

import asyncio

from scenario import Boom, at, outcome, scenario, trace, turns


async def child(name, milliseconds, error=None):
    await asyncio.sleep(milliseconds / 1000)
    if error:
        raise error
    return name


def start(*children):
    return [asyncio.create_task(child(*each), name=each[0]) for each in children]


@scenario("A1 A4")
async def results_come_as_they_are_completed():
    tasks = start(("a", 30), ("b", 10, Boom("b")), ("c", 20))
    for following in asyncio.as_completed(tasks):
        trace(await outcome(following), at())


@scenario("A1", oldest=(3, 13))
async def tasks_come_as_they_are_completed():
    tasks = start(("a", 30), ("b", 10), ("c", 20))
    async for task in asyncio.as_completed(tasks):
        trace(task.get_name(), task in tasks, task.done(), at())


@scenario("A2")
async def those_that_are_late_raise_timeout_error():
    tasks = start(("a", 30), ("b", 10), ("c", 40))
    for following in asyncio.as_completed(tasks, timeout=0.020):
        trace(await outcome(following), at())
    trace([task.done() for task in tasks])
    trace(await outcome(tasks[2]), at())


@scenario("A3", oldest=(3, 13))
async def an_iteration_goes_on_where_it_was_broken_off():
    tasks = start(("a", 30), ("b", 10), ("c", 20))
    completed = asyncio.as_completed(tasks)
    async for task in completed:
        trace("first", task.get_name(), at())
        break
    async for task in completed:
        trace("then", task.get_name(), at())


@scenario("A4")
async def duplicates_come_once():
    (task,) = start(("a", 10))
    for following in asyncio.as_completed([task, task]):
        trace(await outcome(following))
    trace("that is all")


@scenario("A1")
async def what_is_done_comes_in_the_order_of_its_end():
    tasks = start(("a", 20), ("b", 10))
    completed = list(asyncio.as_completed(tasks))
    await asyncio.sleep(0.030)
    await turns(1)
    for following in completed:
        trace(await outcome(following), at())
