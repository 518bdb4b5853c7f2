"""Callbacks and the loop."""

import asyncio

from scenario import Boom, at, attempt, fail, run_turns, scenario, text, trace


@scenario("L1")
def callbacks_run_in_order_and_once(loop):
    for name in ("first", "second", "third"):
        loop.call_soon(trace, name)
    run_turns(loop, 1)
    trace("next turn")
    run_turns(loop, 1)


@scenario("L1")
def callbacks_added_during_a_turn_wait_for_the_next(loop):
    def add(depth):
        trace("depth", depth)
        if depth < 3:
            loop.call_soon(add, depth + 1)

    loop.call_soon(add, 1)
    loop.call_soon(trace, "other")
    for turn in range(1, 5):
        trace("turn", turn)
        run_turns(loop, 1)


@scenario("L2")
def a_cancelled_handle_never_runs(loop):
    handles = []

    def cancel_others():
        trace("cancelling")
        for handle in handles:
            handle.cancel()

    loop.call_soon(cancel_others)
    handles.append(loop.call_soon(trace, "soon"))
    handles.append(loop.call_later(0.010, trace, "later"))
    before = loop.call_soon(trace, "before")
    before.cancel()
    trace("cancelled", before.cancelled(), handles[0].cancelled())
    loop.call_later(0.020, loop.stop)
    loop.run_forever()
    trace("cancelled", before.cancelled(), handles[0].cancelled(), handles[1].cancelled())


@scenario("L3")
def earlier_deadlines_come_first(loop):
    loop.call_later(0.020, trace, "20 ms")
    loop.call_later(-1, trace, "-1 s")
    loop.call_later(-2, trace, "-2 s")
    loop.call_later(0.010, trace, "10 ms")
    loop.call_soon(trace, "soon")
    loop.call_at(loop.time() + 0.015, trace, "15 ms")
    loop.call_later(0.030, loop.stop)
    loop.run_forever()


@scenario("L3")
def overdue_timers_run_after_what_was_ready(loop):
    loop.call_later(-1, trace, "overdue")
    loop.call_soon(trace, "soon")
    run_turns(loop, 1)
    trace("end of turn")


@scenario("L5")
def stop_lets_the_turn_finish(loop):
    def stop():
        trace("stopping")
        loop.stop()
        loop.call_soon(trace, "next turn")

    loop.call_soon(stop)
    loop.call_soon(trace, "same turn")
    loop.run_forever()
    trace("stopped")
    run_turns(loop, 1)


@scenario("L5")
def stopped_before_the_run_makes_one_turn(loop):
    loop.call_soon(loop.call_soon, trace, "second turn")
    loop.call_soon(trace, "first turn")
    loop.call_later(1, trace, "timer")
    loop.stop()
    loop.run_forever()
    trace("stopped at", round(loop.time() * 1000))


@scenario("L6")
def run_until_complete_gives_the_outcome(loop):
    async def answer():
        await asyncio.sleep(0.005)
        trace("answering", at())
        return 42

    trace(attempt(loop.run_until_complete, answer()))
    trace(attempt(loop.run_until_complete, fail("no")))
    future = loop.create_future()
    loop.call_soon(future.cancel, "because")
    trace(attempt(loop.run_until_complete, future))


@scenario("L6")
def a_stopped_run_may_be_resumed(loop):
    async def work():
        trace("working")
        await asyncio.sleep(0.010)
        trace("done", at())
        return "finished"

    task = loop.create_task(work())
    loop.call_later(0.005, loop.stop)
    trace(attempt(loop.run_until_complete, task), "done", task.done())
    trace(attempt(loop.run_until_complete, task), "done", task.done())


@scenario("L8")
def a_run_inside_a_run_is_refused(loop):
    async def inner():
        trace("never")

    async def outer():
        for other in (loop, asyncio.new_event_loop()):
            coroutine = inner()
            trace(attempt(other.run_until_complete, coroutine))
            coroutine.close()
            if other is not loop:
                other.close()
        trace("outer goes on")

    loop.run_until_complete(outer())


@scenario("L9")
def close_is_final(loop):
    def close():
        trace("closing inside:", attempt(loop.close))

    loop.call_soon(close)
    run_turns(loop, 1)
    loop.call_soon(trace, "never")
    trace(attempt(loop.close), loop.is_closed())
    trace(attempt(loop.close))
    trace(attempt(loop.call_soon, trace, "never"))
    trace(attempt(loop.call_later, 1, trace, "never"))
    trace(attempt(loop.call_soon_threadsafe, trace, "never"))
    trace(attempt(loop.run_forever))


@scenario("L11")
def a_failing_callback_is_reported_and_the_loop_goes_on(loop):
    def explode():
        raise Boom("callback")

    loop.call_soon(trace, "before")
    loop.call_soon(explode)
    loop.call_soon(trace, "after")
    loop.call_later(0.001, explode)
    loop.call_later(0.002, loop.stop)
    loop.run_forever()
    trace("ran")


@scenario("L12")
def a_failing_handler_does_not_stop_the_loop(loop):
    def handler(_, context):
        trace("handling", text(context["exception"]))
        raise Boom("handler")

    def explode():
        raise Boom("callback")

    loop.set_exception_handler(handler)
    loop.call_soon(explode)
    loop.call_soon(trace, "after")
    run_turns(loop, 1)


@scenario("L15")
def calls_from_inside_keep_their_order_whichever_way(loop):
    def add():
        loop.call_soon(trace, "soon 1")
        loop.call_soon_threadsafe(trace, "threadsafe 2")
        loop.call_soon(trace, "soon 3")
        loop.call_soon_threadsafe(trace, "threadsafe 4")

    loop.call_soon(add)
    loop.call_later(0.001, loop.stop)
    loop.run_forever()


@scenario("L16")
def a_callback_that_cancels_itself_runs_on(loop):
    handles = []

    def itself():
        trace("before", handles[0].cancelled())
        handles[0].cancel()
        trace("after", handles[0].cancelled())

    handles.append(loop.call_soon_threadsafe(itself))
    loop.call_later(0.001, loop.stop)
    loop.run_forever()


@scenario("L17")
async def callbacks_come_at_their_time():
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def tick(count):
        trace("tick", count, at())
        if count == 3:
            done.set_result("done")
        else:
            loop.call_later(0.010, tick, count + 1)

    loop.call_later(0.010, tick, 1)
    loop.call_later(0.015, lambda: trace("between", at()))
    trace(await done, at())


@scenario("R2")
async def what_main_leaves_is_cancelled_and_awaited():
    async def leftover(name):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            trace(name, "cancelled", at())
            await asyncio.sleep(0.010)
            trace(name, "cleaned up", at())
            raise

    task = asyncio.create_task(leftover("leftover"))
    await asyncio.sleep(0.001)
    trace("main ends", task.done())


@scenario("R2")
async def what_leftovers_fail_with_is_reported():
    async def failing():
        try:
            await asyncio.sleep(60)
        finally:
            trace("failing")
            raise Boom("cleanup")

    task = asyncio.create_task(failing())
    await asyncio.sleep(0.001)
    trace("main ends", task.done())


@scenario("R4 L8")
async def run_inside_a_run_is_refused():
    async def inner():
        trace("never")

    coroutine = inner()
    trace(attempt(asyncio.run, coroutine))
    coroutine.close()
