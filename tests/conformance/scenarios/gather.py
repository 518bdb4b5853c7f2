"""gather."""

import asyncio

from scenario import Boom, at, outcome, scenario, ticks, trace, turns


async def child(name, milliseconds, error=None):
    trace(name, "starts")
    try:
        await asyncio.sleep(milliseconds / 1000)
    except asyncio.CancelledError as cancelled:
        trace(name, "got", cancelled, at())
        raise
    trace(name, "ends", at())
    if error:
        raise error
    return name


@scenario("G1")
async def results_follow_the_arguments():
    trace(await asyncio.gather(child("a", 30), child("b", 10), child("c", 20)), at())


@scenario("G1")
async def gather_takes_the_turns_that_it_takes():
    ticker = asyncio.create_task(ticks(8))
    await turns(1)
    trace(await asyncio.gather(turns(1), turns(3), turns(0)))
    trace("gathered")
    await ticker


@scenario("G2")
async def gather_of_nothing_is_done():
    future = asyncio.gather()
    trace(future.done())
    trace(await future)


@scenario("G3")
async def the_first_failure_comes_at_once():
    tasks = [
        asyncio.create_task(child("a", 30)),
        asyncio.create_task(child("b", 10, Boom("b"))),
        asyncio.create_task(child("c", 20, Boom("c"))),
    ]
    trace(await outcome(asyncio.gather(*tasks)), at())
    trace([task.done() for task in tasks])
    trace(await outcome(tasks[0]), at())
    del tasks
    trace("nothing is reported")


@scenario("G3")
async def of_two_failures_in_one_turn_the_first_child_wins():
    async def failing(name):
        await asyncio.sleep(0)
        raise Boom(name)

    trace(await outcome(asyncio.gather(failing("a"), failing("b"))))
    await turns(2)


@scenario("G5")
async def a_cancelled_child_is_a_failure():
    tasks = [asyncio.create_task(child("a", 20)), asyncio.create_task(child("b", 30))]
    future = asyncio.gather(*tasks)
    await asyncio.sleep(0.010)
    tasks[0].cancel("because")
    trace(await outcome(future), at())
    trace("gather cancelled", future.cancelled(), "child", tasks[0].cancelled())
    trace(await outcome(tasks[1]))


@scenario("G6")
async def cancelling_gather_cancels_the_children():
    tasks = [asyncio.create_task(child(name, 20)) for name in "abc"]
    quick = asyncio.create_task(child("quick", 5))
    future = asyncio.gather(*tasks, quick)
    await asyncio.sleep(0.010)
    trace(future.cancel("because"), future.done(), [task.done() for task in tasks])
    trace(await outcome(future), future.cancelled())
    trace([task.cancelled() for task in tasks], quick.cancelled())


@scenario("G6")
async def cancelling_who_awaits_a_gather_cancels_the_children():
    async def gatherer():
        try:
            await asyncio.gather(child("a", 20), child("b", 30))
        except asyncio.CancelledError as error:
            trace("gatherer got", error)
            raise

    task = asyncio.create_task(gatherer())
    await asyncio.sleep(0.010)
    task.cancel("because")
    await ticks(4)
    trace(await outcome(task), at())


@scenario("G6")
async def a_cancelled_gather_is_cancelled_though_children_refuse():
    async def refuse(name):
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            trace(name, "refuses")
        return name

    future = asyncio.gather(refuse("a"), refuse("b"))
    await turns(1)
    trace(future.cancel())
    trace(await outcome(future), future.cancelled())


@scenario("G6")
async def a_child_that_cleans_up_holds_up_a_cancelled_gather():
    async def slow(name):
        try:
            await asyncio.sleep(1)
        finally:
            await asyncio.sleep(0.010)
            trace(name, "cleaned up", at())

    future = asyncio.gather(slow("a"), child("b", 1000))
    await turns(1)
    future.cancel()
    trace(await outcome(future), at())
    await asyncio.sleep(0.020)


@scenario("G7")
async def cancel_after_all_children_ended_is_false():
    future = asyncio.gather(turns(1), turns(1))
    await turns(2)
    trace(future.done(), future.cancel())
    trace(await outcome(future))
    trace(future.cancel())


@scenario("G8")
async def one_awaitable_given_twice_runs_once():
    task = asyncio.create_task(child("a", 10))
    trace(await asyncio.gather(task, child("b", 5), task))


@scenario("G1 G6")
async def gathers_nest():
    inner = asyncio.gather(child("a", 10), child("b", 20))
    outer = asyncio.gather(inner, child("c", 15), asyncio.gather(child("d", 5)))
    trace(await outer, at())


@scenario("G6")
async def cancelling_an_outer_gather_goes_through_the_inner_one():
    inner = asyncio.gather(child("a", 10), child("b", 20))
    outer = asyncio.gather(inner, child("c", 15))
    await asyncio.sleep(0.001)
    outer.cancel()
    trace(await outcome(outer), outer.cancelled(), inner.done(), at())


@scenario("G4")
async def return_exceptions_waits_for_all():
    tasks = [
        asyncio.create_task(child("a", 30)),
        asyncio.create_task(child("b", 10, Boom("b"))),
        asyncio.create_task(child("c", 20)),
    ]
    future = asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0.005)
    tasks[2].cancel()
    trace(await future, at())


@scenario("G6")
async def cancelling_a_gather_that_returns_exceptions_still_raises():
    future = asyncio.gather(child("a", 10), child("b", 20), return_exceptions=True)
    await asyncio.sleep(0.001)
    trace(future.cancel())
    trace(await outcome(future), at())
