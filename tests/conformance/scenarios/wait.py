"""wait."""

import asyncio

from scenario import Boom, at, outcome, scenario, ticks, trace, turns


async def child(name, milliseconds, error=None):
    try:
        await asyncio.sleep(milliseconds / 1000)
    except asyncio.CancelledError:
        trace(name, "cancelled", at())
        raise
    trace(name, "ends", at())
    if error:
        raise error
    return name


def start(*children):
    """Tasks that bear their names."""
    return [asyncio.create_task(child(*each), name=each[0]) for each in children]


def names(tasks):
    return sorted(task.get_name() for task in tasks)


async def show(waiting):
    done, pending = await waiting
    trace("done", names(done), "pending", names(pending), at())
    return pending


@scenario("W1")
async def wait_refuses_nothing_and_nonsense():
    trace(await outcome(asyncio.wait([])))
    task = asyncio.create_task(turns(1))
    trace(await outcome(asyncio.wait([task], return_when=7)))
    await task


@scenario("W2")
async def a_timeout_returns_who_is_done():
    tasks = start(("a", 10), ("b", 30), ("c", 20, Boom("c")))
    await show(asyncio.wait(tasks, timeout=0.025))
    trace([task.cancelled() for task in tasks])
    await show(asyncio.wait(tasks, timeout=10))


@scenario("W2")
async def a_timeout_of_zero_looks_once():
    tasks = start(("a", 10), ("b", 20))
    await asyncio.sleep(0.015)
    await show(asyncio.wait(tasks, timeout=0))
    await show(asyncio.wait(tasks))


@scenario("W3")
async def first_completed_returns_all_of_the_same_turn():
    future = asyncio.get_running_loop().create_future()

    async def waiter():
        await future

    tasks = [asyncio.create_task(waiter(), name=name) for name in "ab"] + start(("c", 20))
    asyncio.get_running_loop().call_later(0.010, future.set_result, None)
    pending = await show(asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED))
    await show(asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED))


@scenario("W3")
async def first_completed_again_and_again():
    pending = start(("a", 30), ("b", 10), ("c", 20))
    while pending:
        pending = await show(asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED))


@scenario("W4")
async def first_exception_ends_on_a_failure_and_not_on_a_cancellation():
    tasks = start(("a", 5), ("b", 30), ("c", 20, Boom("c")), ("d", 40))
    asyncio.get_running_loop().call_later(0.010, tasks[1].cancel)
    pending = await show(asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION))
    await show(asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION))
    trace(tasks[2].exception())


@scenario("W5")
async def cancelling_the_waiter_leaves_the_tasks():
    tasks = start(("a", 20), ("b", 30))
    waiter = asyncio.create_task(asyncio.wait(tasks))
    await asyncio.sleep(0.010)
    waiter.cancel("because")
    trace(await outcome(waiter), [task.done() for task in tasks])
    await show(asyncio.wait(tasks))


@scenario("W6")
async def duplicates_count_once_and_failures_are_not_raised():
    (task,) = start(("a", 10, Boom("a")))
    done, pending = await asyncio.wait([task, task, task])
    trace(len(done), len(pending), task.exception())


@scenario("W6")
async def wait_takes_the_turns_that_it_takes():
    ticker = asyncio.create_task(ticks(8))
    tasks = [asyncio.create_task(turns(count)) for count in (1, 3)]
    await turns(1)
    await asyncio.wait(tasks)
    trace("all done")
    await ticker


@scenario("W3")
async def waiting_for_what_is_done_takes_a_turn():
    task = asyncio.create_task(turns(0), name="task")
    await task
    ticker = asyncio.create_task(ticks(4))
    await show(asyncio.wait([task]))
    await show(asyncio.wait([task], return_when=asyncio.FIRST_COMPLETED))
    await ticker
