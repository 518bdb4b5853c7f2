"""Cancelling tasks."""

import asyncio

from scenario import Boom, at, outcome, scenario, ticks, trace, turns


async def sleeper(name, seconds=1):
    trace(name, "sleeps")
    try:
        await asyncio.sleep(seconds)
        trace(name, "woke", at())
    except asyncio.CancelledError as error:
        trace(name, "got", error, at())
        raise


@scenario("T3")
async def cancel_is_true_until_the_task_is_done():
    async def body():
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            trace("cancelling", asyncio.current_task().cancelling())
            raise

    task = asyncio.create_task(body())
    await turns(1)
    trace(task.cancelling(), task.cancel(), task.cancel(), task.cancelling())
    trace("done", task.done(), task.cancelled())
    trace(await outcome(task))
    trace(task.cancel(), task.cancelling(), task.cancelled())


@scenario("T4")
async def cancelled_before_its_first_step_a_task_never_runs():
    task = asyncio.create_task(sleeper("never"))
    trace(task.cancel(), task.done())
    await turns(1)
    trace("a turn later", task.done(), task.cancelled())
    trace(await outcome(task))


@scenario("T5")
async def cancel_reaches_the_awaited_future_at_once():
    future = asyncio.get_running_loop().create_future()

    async def body():
        try:
            await future
        except asyncio.CancelledError as error:
            trace("body got", error)
            raise

    task = asyncio.create_task(body())
    await turns(1)
    task.cancel("because")
    trace("future", future.cancelled(), "task", task.cancelled(), task.done())
    await turns(1)
    trace("a turn later", task.cancelled())
    await turns(1)


@scenario("T5")
async def cancel_after_the_future_was_set_still_cancels():
    future = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(outcome(future))
    await turns(1)
    future.set_result("set")
    trace(task.cancel(), future.cancelled())
    trace("body ended with", await task)


@scenario("T6")
async def a_task_may_catch_it_and_return():
    async def body():
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            return "caught"

    task = asyncio.create_task(body())
    await turns(1)
    task.cancel()
    trace(await outcome(task), task.cancelled(), task.cancelling(), at())


@scenario("T7")
async def a_cancellation_is_thrown_once():
    async def body():
        for name in ("first", "second"):
            try:
                await asyncio.sleep(0.010)
                trace(name, "slept", at())
            except asyncio.CancelledError:
                trace(name, "cancelled", at())
        return "end"

    task = asyncio.create_task(body())
    await asyncio.sleep(0.001)
    task.cancel()
    trace(await outcome(task), task.cancelling())


@scenario("T8")
async def cancelling_oneself_throws_at_the_next_await():
    async def body():
        asyncio.current_task().cancel("because I can")
        trace("goes on until it awaits")
        await asyncio.sleep(0)
        trace("never")

    trace(await outcome(asyncio.create_task(body())))


@scenario("T8")
async def cancelling_oneself_and_returning_drops_the_value():
    async def body():
        asyncio.current_task().cancel()
        return "dropped"

    task = asyncio.create_task(body())
    trace(await outcome(task), task.cancelled())


@scenario("T9")
async def cancel_goes_down_to_the_leaf():
    async def link(depth):
        try:
            if depth == 0:
                await asyncio.sleep(1)
            else:
                await asyncio.create_task(link(depth - 1))
        except asyncio.CancelledError:
            trace("link", depth, "cancelled")
            raise

    task = asyncio.create_task(link(3))
    await turns(5)
    task.cancel()
    await ticks(6)
    trace(task.cancelled(), at())


@scenario("T9")
async def a_leaf_that_refuses_keeps_its_awaiters():
    async def leaf():
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            trace("refusing")
        return "leaf"

    async def awaiter(inner):
        trace("awaiter has", await inner)
        return "awaiter"

    inner = asyncio.create_task(leaf())
    outer = asyncio.create_task(awaiter(inner))
    await turns(2)
    outer.cancel()
    trace(await outcome(outer), outer.cancelling(), inner.cancelling())


@scenario("T10")
async def another_failure_takes_the_place_of_the_cancellation():
    async def body():
        try:
            await asyncio.sleep(1)
        finally:
            raise Boom("cleanup")

    task = asyncio.create_task(body())
    await turns(1)
    task.cancel()
    trace(await outcome(task), task.cancelled())


@scenario("T11")
async def uncancel_counts_down_to_zero():
    async def body():
        me = asyncio.current_task()
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            trace(me.cancelling(), me.uncancel(), me.uncancel(), me.uncancel())
        await asyncio.sleep(0.005)
        trace("slept", at())

    task = asyncio.create_task(body())
    await turns(1)
    task.cancel()
    task.cancel()
    trace(await outcome(task), task.cancelled())


@scenario("T11", oldest=(3, 13))
async def uncancel_revokes_what_was_not_delivered():
    async def body():
        me = asyncio.current_task()
        me.cancel()
        trace(me.uncancel())
        await asyncio.sleep(0)
        trace("not cancelled")
        me.cancel()
        me.cancel()
        trace(me.uncancel())
        await asyncio.sleep(0)
        trace("never")

    trace(await outcome(asyncio.create_task(body())))


@scenario("T12")
async def the_message_reaches_every_awaiter_of_a_future():
    future = asyncio.get_running_loop().create_future()

    async def awaiter(name):
        trace(name, await outcome(future))

    tasks = [asyncio.create_task(awaiter(name)) for name in "abc"]
    await turns(2)
    future.cancel("because of me")
    for task in tasks:
        await task


@scenario("T12")
async def the_message_goes_up_a_chain_of_tasks():
    async def link(depth):
        if depth == 0:
            return await sleeper("leaf")
        try:
            await asyncio.create_task(link(depth - 1))
        except asyncio.CancelledError as error:
            trace("link", depth, "got", error)
            raise

    task = asyncio.create_task(link(3))
    await turns(5)
    task.cancel("because of me")
    trace(await outcome(task))


@scenario(
    "T12",
    differs="every awaiter of a cancelled task gets the message; in CPython the first one only",
)
async def the_message_reaches_every_awaiter_of_a_task():
    inner = asyncio.create_task(sleeper("inner"))

    async def awaiter(name):
        trace(name, await outcome(inner))

    tasks = [asyncio.create_task(awaiter(name)) for name in "abc"]
    await turns(2)
    tasks[0].cancel("because of a")
    for task in tasks:
        await task


@scenario("T20")
async def a_cancelled_sleep_ends_at_once():
    task = asyncio.create_task(sleeper("sleeper", 3600))
    await asyncio.sleep(0.010)
    task.cancel()
    trace(await outcome(task), at())


@scenario("T5 T19")
async def done_callbacks_of_a_cancelled_task_come_when_it_ended():
    async def body():
        try:
            await asyncio.sleep(1)
        finally:
            await asyncio.sleep(0.010)

    task = asyncio.create_task(body())
    task.add_done_callback(lambda done: trace("callback", done.cancelled(), at()))
    await turns(1)
    task.cancel()
    trace("asked", task.done())
    trace(await outcome(task), at())
