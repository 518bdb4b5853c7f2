"""Tasks that take their first step at once."""

import asyncio

from scenario import Boom, outcome, scenario, trace


def start(coroutine, name=None):
    loop = asyncio.get_running_loop()
    return asyncio.Task(coroutine, loop=loop, name=name, eager_start=True)


@scenario("X1", oldest=(3, 12))
async def a_body_that_never_waits_ends_at_once():
    async def body(what):
        trace("body", what)
        return what

    async def fail():
        raise Boom("at once")

    task = start(body("a"))
    trace("made", task.done(), task.cancel(), task.result())
    trace(await task)
    failed = start(fail())
    trace("made", failed.done())
    trace(await outcome(failed))


@scenario("X2", oldest=(3, 12))
async def one_that_waits_goes_on_as_a_task():
    def current():
        return asyncio.current_task().get_name()

    async def body():
        trace("first step", current())
        await asyncio.sleep(0)
        trace("second step", current())

    asyncio.current_task().set_name("main")
    trace("before", current())
    task = start(body(), "eager")
    trace("after", current(), task.done())
    await asyncio.sleep(0)
    trace("a turn later", current(), task.done())
    await task


@scenario("X1 X2", oldest=(3, 12))
async def eager_tasks_run_before_others_that_were_made_first():
    async def body(name):
        trace(name)
        await asyncio.sleep(0)
        trace(name, "again")

    lazy = asyncio.create_task(body("lazy"))
    eager = start(body("eager"))
    trace("made")
    await lazy
    await eager
