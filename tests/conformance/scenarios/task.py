"""Tasks: how they start, take turns and end."""

import asyncio

from scenario import Boom, at, attempt, fail, outcome, scenario, ticks, trace, turns


async def steps(name, count):
    for step in range(1, count + 1):
        trace(name, "step", step)
        await asyncio.sleep(0)
    trace(name, "ends")
    return name


@scenario("T1")
async def create_task_does_not_run_the_body_at_once():
    task = asyncio.create_task(steps("task", 1))
    trace("created", task.done())
    await asyncio.sleep(0)
    trace("a turn later", task.done())
    await asyncio.sleep(0)
    trace("two turns later", task.done())


@scenario("T1 T20")
async def tasks_take_turns():
    tasks = [asyncio.create_task(steps(name, count)) for name, count in (("a", 3), ("b", 2))]
    tasks.append(asyncio.create_task(steps("c", 1)))
    for task in tasks:
        trace("awaited", await task)


@scenario("T1")
async def tasks_made_by_tasks_start_in_order():
    async def parent(name, depth):
        trace(name)
        if depth == 0:
            return
        children = [asyncio.create_task(parent(f"{name}.{i}", depth - 1)) for i in (1, 2)]
        trace(name, "made two")
        for child in children:
            await child
        trace(name, "ends")

    await parent("root", 2)


@scenario("T2")
async def names_are_unique_and_may_be_anything():
    tasks = [asyncio.create_task(turns(0)) for _ in range(2)]
    trace("differ", tasks[0].get_name() != tasks[1].get_name())
    tasks[0].set_name(5)
    tasks[1].set_name("worker")
    trace(tasks[0].get_name(), tasks[1].get_name())
    for task in tasks:
        await task


@scenario("T13")
async def a_task_cannot_await_itself():
    async def narcissus():
        return await outcome(asyncio.current_task())

    trace(await asyncio.create_task(narcissus()))


@scenario("T14")
async def nobody_sets_the_result_of_a_task():
    task = asyncio.create_task(steps("task", 0))
    trace(attempt(task.set_result, "x"))
    trace(attempt(task.set_exception, Boom("x")))
    trace(await outcome(task))


@scenario("T16")
async def an_unseen_failure_is_reported_once():
    task = asyncio.create_task(fail("unseen"))
    await turns(2)
    trace("dropping", task.done())
    del task
    trace("dropped")
    await turns(2)


@scenario("T16")
async def a_failure_that_was_seen_is_not_reported():
    tasks = [asyncio.create_task(fail(name)) for name in ("awaited", "asked", "cancelled")]
    trace(await outcome(tasks[0]))
    trace(tasks[1].exception())
    trace(tasks[2].cancel())
    del tasks
    trace("dropped")
    await turns(2)


@scenario("T17")
async def current_task_is_the_one_that_runs():
    async def who(name):
        for _ in range(2):
            trace(name, asyncio.current_task().get_name() == name)
            await asyncio.sleep(0)

    def callback():
        trace("in a callback", asyncio.current_task() is None)

    tasks = [asyncio.create_task(who(name), name=name) for name in ("a", "b")]
    asyncio.get_running_loop().call_soon(callback)
    for task in tasks:
        await task


@scenario("T17")
async def all_tasks_has_those_that_have_not_ended():
    tasks = [asyncio.create_task(steps("task", count)) for count in (0, 1)]
    for _ in range(4):
        trace("all", len(asyncio.all_tasks()), [task.done() for task in tasks])
        await asyncio.sleep(0)


@scenario("T20")
async def sleep_of_zero_or_less_takes_one_turn():
    async def sleeper(name, delay):
        trace(name, await asyncio.sleep(delay, "slept"), at())

    ticker = asyncio.create_task(ticks(3))
    tasks = [asyncio.create_task(sleeper(name, delay)) for name, delay in (("0", 0), ("-1", -1))]
    for task in (*tasks, ticker):
        await task


@scenario("T20")
async def sleepers_wake_at_their_times():
    async def sleeper(name, *delays):
        for delay in delays:
            await asyncio.sleep(delay / 1000)
            trace(name, "after", delay, at())

    tasks = [
        asyncio.create_task(sleeper("a", 30, 20, 10)),
        asyncio.create_task(sleeper("b", 8, 8, 8, 8)),
        asyncio.create_task(sleeper("c", 41, 1)),
    ]
    for task in tasks:
        await task


@scenario("T20", oldest=(3, 13))
async def sleep_of_nan_is_refused():
    trace(await outcome(asyncio.sleep(float("nan"))))


@scenario("T6 T19")
async def a_chain_of_tasks_ends_link_by_link():
    async def link(depth):
        if depth == 0:
            return "leaf"
        result = await asyncio.create_task(link(depth - 1))
        trace("link", depth, "has", result)
        return result

    task = asyncio.create_task(link(3))
    await ticks(10)
    trace(await task)


@scenario("T19")
async def awaiting_a_done_future_takes_no_turn():
    future = asyncio.get_running_loop().create_future()
    future.set_result("there")
    ticker = asyncio.create_task(ticks(1))
    trace(await future)
    trace(await future)
    await ticker


@scenario("T19")
async def many_may_await_one_future():
    future = asyncio.get_running_loop().create_future()

    async def waiter(name):
        trace(name, await future)

    tasks = [asyncio.create_task(waiter(name)) for name in "abc"]
    await turns(1)
    asyncio.get_running_loop().call_soon(trace, "called soon")
    future.set_result("set")
    trace("after set")
    for task in tasks:
        await task


@scenario("T19")
async def a_future_is_set_once():
    future = asyncio.get_running_loop().create_future()
    trace("pending", attempt(future.result), attempt(future.exception))
    future.set_result(1)
    trace("set", attempt(future.result), attempt(future.exception))
    trace("again", attempt(future.set_result, 2), attempt(future.set_exception, Boom("x")))
    trace("cancel", future.cancel(), future.cancelled())
    other = asyncio.get_running_loop().create_future()
    trace("cancel", other.cancel(), other.cancel(), other.cancelled(), other.done())
    trace("cancelled", attempt(other.result), attempt(other.set_result, 1))


@scenario("T19")
async def done_callbacks_come_in_order_through_the_loop():
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def late(_):
        trace("first")
        future.add_done_callback(lambda _: trace("added by first"))

    async def waiter():
        trace("waiter", await future)

    future.add_done_callback(late)
    task = asyncio.create_task(waiter())
    await turns(1)
    future.add_done_callback(lambda done: trace("third", done.result()))
    future.set_result("set")
    trace("set, nobody called")
    loop.call_soon(trace, "called soon")
    await ticks(3)
    await task


@scenario("T19")
async def done_callbacks_may_be_taken_back():
    future = asyncio.get_running_loop().create_future()

    def callback(_):
        trace("never")

    future.add_done_callback(callback)
    trace("removed", future.remove_done_callback(callback))
    trace("removed", future.remove_done_callback(callback))
    future.add_done_callback(lambda _: trace("stays"))
    future.set_result(None)
    await turns(2)


@scenario("T19")
async def a_failing_done_callback_does_not_stop_the_others():
    future = asyncio.get_running_loop().create_future()

    def explode(_):
        raise Boom("callback")

    future.add_done_callback(explode)
    future.add_done_callback(lambda _: trace("second"))
    future.set_result(None)
    await turns(2)
