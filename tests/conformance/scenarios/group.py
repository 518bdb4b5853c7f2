"""TaskGroup."""

import asyncio

from scenario import Boom, at, fail, outcome, scenario, ticks, trace, turns


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


async def fail_when_cancelled(name):
    try:
        await asyncio.sleep(1)
    finally:
        trace(name, "fails instead")
        raise Boom(name)


def cancelling():
    return asyncio.current_task().cancelling()


@scenario("P1")
async def a_group_waits_for_its_children():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(child(name, ms)) for name, ms in (("a", 20), ("b", 10))]
        trace("body ends", at())
    trace("left", [task.result() for task in tasks], at())


@scenario("P1")
async def an_empty_group_takes_no_turn():
    ticker = asyncio.create_task(ticks(2))
    async with asyncio.TaskGroup():
        pass
    trace("left")
    await ticker


@scenario("P1")
async def a_group_takes_the_turns_that_it_takes():
    ticker = asyncio.create_task(ticks(6))
    async with asyncio.TaskGroup() as group:
        group.create_task(turns(1))
        group.create_task(turns(2))
    trace("left")
    await ticker


@scenario("P2")
async def children_may_add_children():
    async def parent(group, name, depth):
        trace(name, at())
        await asyncio.sleep(0.010)
        if depth > 0:
            group.create_task(parent(group, name + "'", depth - 1))

    async with asyncio.TaskGroup() as group:
        group.create_task(parent(group, "a", 2))
        trace("body ends")
    trace("left", at())


@scenario("P3")
async def a_child_cancelled_by_hand_harms_nobody():
    async with asyncio.TaskGroup() as group:
        first = group.create_task(child("a", 10))
        second = group.create_task(child("b", 20))
        await asyncio.sleep(0.005)
        first.cancel()
    trace("left", first.cancelled(), second.result(), at())


@scenario("P4")
async def a_failing_child_cancels_all_others():
    async def body():
        async with asyncio.TaskGroup() as group:
            quiet = group.create_task(asyncio.sleep(0.030))
            group.create_task(child("b", 10, Boom("b")))
            group.create_task(fail_when_cancelled("c"))
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError as error:
                trace("body got", error, quiet.done(), at())
                raise

    trace(await outcome(body()), cancelling(), at())
    await asyncio.sleep(0.001)
    trace("goes on")


@scenario("P4", oldest=(3, 13))
async def a_child_fails_while_the_group_is_left():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(child("a", 30))
            group.create_task(child("b", 10, Boom("b")))

    trace(await outcome(body()), cancelling(), at())


@scenario("P5")
async def a_failing_body_cancels_the_children():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(0.030))
            group.create_task(fail_when_cancelled("b"))
            await turns(1)
            raise Boom("body")

    trace(await outcome(body()), cancelling(), at())


@scenario("P6")
async def a_cancelled_parent_cancels_its_children():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(child("a", 30))
            group.create_task(asyncio.sleep(0.040))
            await asyncio.sleep(1)

    task = asyncio.create_task(body())
    await asyncio.sleep(0.010)
    task.cancel("because")
    trace(await outcome(task), task.cancelled(), at())


@scenario("P6")
async def a_parent_cancelled_while_it_leaves_cancels_its_children():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(child("a", 30))

    task = asyncio.create_task(body())
    await asyncio.sleep(0.010)
    task.cancel("because")
    trace(await outcome(task), task.cancelled(), at())


@scenario("P6")
async def of_a_cancellation_and_a_failure_the_group_wins():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(fail_when_cancelled("a"))
            await asyncio.sleep(1)

    task = asyncio.create_task(body())
    await asyncio.sleep(0.010)
    task.cancel()
    trace(await outcome(task), task.cancelled(), at())


@scenario("P7", oldest=(3, 13))
async def a_cancellation_beside_a_failure_is_not_lost():
    async def body():
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fail_when_cancelled("a"))
                await asyncio.sleep(1)
        except BaseException as error:
            trace("got", error, cancelling())
        await asyncio.sleep(0)
        trace("never")

    task = asyncio.create_task(body())
    await asyncio.sleep(0.010)
    task.cancel()
    trace(await outcome(task), at())


@scenario("P8", oldest=(3, 13))
async def an_inner_failure_is_a_group_in_a_group():
    async def body():
        async with asyncio.TaskGroup() as outer:
            outer.create_task(child("outer", 30))
            async with asyncio.TaskGroup() as inner:
                inner.create_task(child("inner", 10, Boom("inner")))

    trace(await outcome(body()), cancelling(), at())


@scenario("P8")
async def an_outer_failure_cancels_the_inner_group():
    async def body():
        async with asyncio.TaskGroup() as outer:
            outer.create_task(child("outer", 10, Boom("outer")))
            async with asyncio.TaskGroup() as inner:
                inner.create_task(child("inner", 30))

    trace(await outcome(body()), cancelling(), at())


@scenario("P9", oldest=(3, 13))
async def a_group_takes_no_children_before_or_after():
    def add(group):
        try:
            group.create_task(child("never", 0))
            trace("added")
        except RuntimeError as error:
            trace(error)

    group = asyncio.TaskGroup()
    add(group)
    async with group:
        pass
    add(group)

    async def aborting():
        async with asyncio.TaskGroup() as group:
            group.create_task(fail("first"))
            try:
                await asyncio.sleep(1)
            finally:
                add(group)

    trace(await outcome(aborting()))


@scenario("P10")
async def a_group_is_entered_once():
    group = asyncio.TaskGroup()

    async def enter():
        async with group:
            trace("inside")

    trace(await outcome(enter()))
    trace(await outcome(enter()))


@scenario("P13")
async def cancelling_again_while_the_group_is_left():
    async def stubborn():
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            trace("cleaning up", at())
            await asyncio.sleep(0.010)
            trace("cleaned up", at())

    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(stubborn())

    task = asyncio.create_task(body())
    await asyncio.sleep(0.010)
    task.cancel()
    await asyncio.sleep(0.005)
    task.cancel()
    trace(await outcome(task), task.cancelled(), at())


@scenario("P15", oldest=(3, 15), compared=False)
async def a_group_may_be_ended_early():
    async with asyncio.TaskGroup() as group:
        group.create_task(child("a", 30))
        await asyncio.sleep(0.010)
        group.cancel()
        group.cancel()
        await asyncio.sleep(1)
        trace("never")
    trace("left", cancelling(), at())
