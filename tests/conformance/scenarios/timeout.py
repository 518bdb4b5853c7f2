"""timeout, wait_for and shield."""

import asyncio

from scenario import Boom, at, attempt, fail, outcome, scenario, ticks, trace, turns

NEWER = (3, 12)  # where wait_for stands on timeout


async def sleeper(name, milliseconds, cleanup=0):
    trace(name, "starts")
    try:
        await asyncio.sleep(milliseconds / 1000)
    except asyncio.CancelledError:
        trace(name, "cancelled", at())
        if cleanup:
            await asyncio.sleep(cleanup / 1000)
            trace(name, "cleaned up", at())
        raise
    trace(name, "ends", at())
    return name


async def refuse(name, result):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        trace(name, "refuses", at())
    if isinstance(result, Exception):
        raise result
    return result


@scenario("F1")
async def wait_for_without_a_timeout_waits():
    trace(await asyncio.wait_for(sleeper("a", 1000000), None), at())


@scenario("F1")
async def wait_for_gives_the_result_in_time():
    trace(await outcome(asyncio.wait_for(sleeper("a", 10), 0.020)), at())
    trace(await outcome(asyncio.wait_for(fail("in time"), 0.020)), at())
    await asyncio.sleep(0.020)
    trace("nothing came later")


@scenario("F2", oldest=NEWER)
async def wait_for_no_time_at_all():
    done = asyncio.get_running_loop().create_future()
    done.set_result("done")
    trace(await outcome(asyncio.wait_for(done, 0)))
    trace(await outcome(asyncio.wait_for(sleeper("never", 10), 0)))
    task = asyncio.create_task(sleeper("running", 1000, 5))
    await turns(1)
    trace(await outcome(asyncio.wait_for(task, -1)), task.cancelled(), at())


@scenario("F3")
async def wait_for_waits_for_the_cleanup():
    trace(await outcome(asyncio.wait_for(sleeper("a", 1000, 30), 0.010)), at())
    task = asyncio.create_task(sleeper("task", 1000, 30))
    trace(await outcome(asyncio.wait_for(task, 0.010)), task.cancelled(), at())


@scenario("F4")
async def what_ends_otherwise_when_its_time_is_up_counts():
    trace(await outcome(asyncio.wait_for(refuse("a", "value"), 0.010)), at())
    trace(await outcome(asyncio.wait_for(refuse("b", Boom("b")), 0.010)), at())
    trace(asyncio.current_task().cancelling())


@scenario("F5")
async def cancelling_wait_for_cancels_the_inner_one():
    inner = asyncio.create_task(sleeper("inner", 1000))
    outer = asyncio.create_task(asyncio.wait_for(inner, 10))
    await asyncio.sleep(0.005)
    outer.cancel("because")
    trace(await outcome(outer), inner.cancelled(), at())


@scenario(
    "F6",
    oldest=NEWER,
    differs="a result that was set when the time was up is given; CPython drops it",
)
async def a_result_in_the_turn_of_the_timeout_counts():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    waiter = asyncio.create_task(asyncio.wait_for(future, 0.020))
    loop.call_later(0.010, loop.call_at, 0.0199999995, future.set_result, "just in time")
    trace(await outcome(waiter), at())


@scenario("F7", oldest=NEWER)
async def a_cancellation_is_not_lost_to_a_result():
    future = asyncio.get_running_loop().create_future()
    waiter = asyncio.create_task(asyncio.wait_for(future, 1))
    await turns(2)
    future.set_result("set")
    waiter.cancel("because")
    trace(await outcome(waiter))


@scenario("F8 H2")
async def shielded_from_a_timeout():
    inner = asyncio.create_task(sleeper("inner", 30))
    trace(await outcome(asyncio.wait_for(asyncio.shield(inner), 0.010)), at())
    trace(inner.done(), await inner, at())


@scenario("O1")
async def a_scope_whose_time_is_up_raises_at_its_end():
    try:
        async with asyncio.timeout(0.010) as scope:
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError as error:
                trace("body got", error, scope.expired(), asyncio.current_task().cancelling())
                raise
    except TimeoutError as error:
        trace("got", error, scope.expired(), asyncio.current_task().cancelling(), at())
    await asyncio.sleep(0.001)
    trace("goes on", at())


@scenario("O2")
async def a_scope_may_be_rescheduled():
    async with asyncio.timeout(None) as scope:
        trace("when", scope.when())
        scope.reschedule(asyncio.get_running_loop().time() + 0.010)
        await asyncio.sleep(0.005)
        scope.reschedule(asyncio.get_running_loop().time() + 0.020)
        await asyncio.sleep(0.015)
        trace("still here", at())
        scope.reschedule(None)
        await asyncio.sleep(1)
    trace("left", scope.expired(), at())
    trace(attempt(scope.reschedule, None))


@scenario("O2 O10", oldest=(3, 12))
async def a_scope_is_used_once():
    scope = asyncio.timeout(1)
    trace(attempt(scope.reschedule, None))

    async def use():
        async with scope:
            trace("inside")

    trace(await outcome(use()))
    trace(await outcome(use()))


@scenario("O3")
async def a_deadline_in_the_past_strikes_at_the_first_await():
    async def use(delay):
        async with asyncio.timeout(delay):
            trace("inside")
            await asyncio.sleep(0)
            trace("after one await")
            await asyncio.sleep(0)
            trace("never")

    for delay in (0, -1):
        trace(await outcome(use(delay)), at())


@scenario("O4")
async def other_exceptions_pass_a_scope():
    async def use(body):
        async with asyncio.timeout(0.010):
            await body

    trace(await outcome(use(fail("before"))))
    trace(await outcome(use(refuse("during", Boom("during")))), at())
    trace(asyncio.current_task().cancelling())


@scenario("O5")
async def a_cancellation_in_time_stays_one():
    async def use():
        async with asyncio.timeout(1):
            await asyncio.sleep(10)

    task = asyncio.create_task(use())
    await asyncio.sleep(0.010)
    task.cancel("because")
    trace(await outcome(task), task.cancelled(), task.cancelling(), at())


@scenario("O6")
async def of_nested_scopes_the_outer_one_raises():
    when = 0.010
    try:
        async with asyncio.timeout_at(when) as outer:
            try:
                async with asyncio.timeout_at(when) as inner:
                    await asyncio.sleep(1)
            except BaseException as error:
                trace("between", error)
                raise
    except BaseException as error:
        trace("outside", error, outer.expired(), inner.expired(), at())
    trace(asyncio.current_task().cancelling())


@scenario("O1")
async def an_inner_scope_expires_alone():
    async with asyncio.timeout(0.030) as outer:
        try:
            async with asyncio.timeout(0.010) as inner:
                await asyncio.sleep(1)
        except TimeoutError as error:
            trace("inner", error, at())
        await asyncio.sleep(0.010)
        trace("still inside", at())
    trace(outer.expired(), inner.expired())


@scenario("O1")
async def an_outer_scope_expires_through_the_inner_one():
    try:
        async with asyncio.timeout(0.010) as outer:
            try:
                async with asyncio.timeout(0.030) as inner:
                    await asyncio.sleep(1)
            except BaseException as error:
                trace("between", error)
                raise
    except TimeoutError as error:
        trace("outside", error, outer.expired(), inner.expired(), at())


@scenario("O8", oldest=(3, 11, 3))
async def a_scope_works_after_a_swallowed_cancellation():
    async def body():
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            trace("swallowed")
        async with asyncio.timeout(0.010):
            await asyncio.sleep(1)

    task = asyncio.create_task(body())
    await turns(1)
    task.cancel()
    trace(await outcome(task), task.cancelling(), at())


@scenario("O9")
async def a_second_cancellation_while_expiring_wins():
    async def body():
        async with asyncio.timeout(0.010):
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                trace("expiring", at())
                await asyncio.sleep(1)

    task = asyncio.create_task(body())
    await asyncio.sleep(0.020)
    task.cancel("because")
    trace(await outcome(task), task.cancelling(), at())


@scenario("O11")
async def a_body_that_swallows_its_expiry_is_no_error():
    async with asyncio.timeout(0.010) as scope:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            trace("swallowed", at())
    trace(scope.expired(), asyncio.current_task().cancelling())
    await asyncio.sleep(0.001)
    trace("goes on", at())


@scenario("H1")
async def shield_passes_on_what_comes():
    trace(await outcome(asyncio.shield(sleeper("a", 10))), at())
    trace(await outcome(asyncio.shield(fail("b"))))
    inner = asyncio.create_task(sleeper("c", 1000))
    outer = asyncio.shield(inner)
    await turns(1)
    inner.cancel()
    trace(await outcome(outer), outer.cancelled())


@scenario("H2")
async def cancelling_a_shield_leaves_the_inner_one():
    inner = asyncio.create_task(sleeper("inner", 20))

    async def wait_for_it():
        await asyncio.shield(inner)

    outer = asyncio.create_task(wait_for_it())
    await asyncio.sleep(0.010)
    outer.cancel("because")
    trace(await outcome(outer), inner.done(), at())
    trace(await outcome(inner), at())


@scenario("H1")
async def a_shield_takes_the_turns_that_it_takes():
    ticker = asyncio.create_task(ticks(5))
    trace(await asyncio.shield(turns(1)))
    await ticker


@scenario("H4")
async def a_done_one_is_shielded_by_itself():
    task = asyncio.create_task(turns(0))
    await task
    trace(asyncio.shield(task) is task)


@scenario("H5")
async def shields_and_gathers():
    children = [asyncio.create_task(sleeper(name, 20)) for name in "ab"]
    outer = asyncio.shield(asyncio.gather(*children))
    await asyncio.sleep(0.005)
    outer.cancel()
    trace(await outcome(outer), [child.done() for child in children])
    gathered = asyncio.gather(*(asyncio.shield(child) for child in children))
    await turns(1)
    gathered.cancel()
    trace(await outcome(gathered), [child.done() for child in children])
    for child in children:
        trace(await outcome(child), at())
