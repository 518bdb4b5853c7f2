"""What a scenario is made of: a function with a name, that says in order what happens.

A scenario is a coroutine function, which is run as the main task, or a plain function, which is
given a loop that does not run. Its counterpart in C++ has the same name, and has to say the same.
"""

import asyncio
import inspect
from dataclasses import dataclass
from typing import Callable

from virtual_loop import VirtualLoop

OLDEST = (3, 11)

SCENARIOS = {}


@dataclass(frozen=True)
class Scenario:
    name: str
    labels: tuple
    oldest: tuple  # the oldest Python that behaves so
    differs: str  # why aio deviates, empty if it does not
    compared: bool  # false if no such Python has been at hand yet
    function: Callable


def scenario(labels, oldest=OLDEST, differs="", compared=True):
    """Registers the function under its name, with the statements that it shows."""

    def register(function):
        name = function.__name__
        if name in SCENARIOS:
            raise ValueError(f"two scenarios are called {name}")
        known = tuple(labels.split())
        SCENARIOS[name] = Scenario(name, known, oldest, differs, compared, function)
        return function

    return register


class Boom(Exception):
    """What fails in a scenario."""


def name_of(error):
    """An exception in words that are the same in both languages."""
    if error is None:
        return "none"
    name = type(error).__name__
    if isinstance(error, BaseExceptionGroup):
        return f"{name}[{', '.join(name_of(inner) for inner in error.exceptions)}]"
    if isinstance(error, Boom):
        return f"{name}({error.args[0]})"
    if isinstance(error, asyncio.CancelledError):
        message = str(error.args[0]) if error.args else ""
        return f"{name}({message})" if message.startswith("because") else name
    return name


def text(value):
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(text(item) for item in value)}]"
    if isinstance(value, BaseException):
        return name_of(value)
    return str(value)


def trace(*parts):
    print(*(text(part) for part in parts), flush=True)


def at():
    """The time since the loop began, in milliseconds."""
    return f"@{round(asyncio.get_running_loop().time() * 1000)}"


async def outcome(awaitable):
    """What awaiting gives, in words; it never raises."""
    try:
        return f"result {text(await awaitable)}"
    except BaseException as error:
        return name_of(error)


def attempt(function, *args):
    """What calling gives, in words; it never raises."""
    try:
        return f"result {text(function(*args))}"
    except BaseException as error:
        return name_of(error)


async def fail(what):
    raise Boom(what)


async def ticks(count):
    """Says each turn of the loop."""
    for turn in range(1, count + 1):
        trace("turn", turn)
        await asyncio.sleep(0)


async def turns(count):
    for _ in range(count):
        await asyncio.sleep(0)


def run_turns(loop, count):
    """Runs a loop that does not run for so many turns."""
    for _ in range(count):
        loop.stop()
        loop.run_forever()


def _report(_, context):
    trace("reported", name_of(context.get("exception")))


async def _main(function):
    asyncio.get_running_loop().set_exception_handler(_report)
    await function()


def run(name):
    """Runs a scenario on a loop of its own, with its trace on standard output."""
    function = SCENARIOS[name].function
    try:
        if inspect.iscoroutinefunction(function):
            with asyncio.Runner(loop_factory=VirtualLoop) as runner:
                runner.run(_main(function))
            return
        loop = VirtualLoop()
        loop.set_exception_handler(_report)
        try:
            function(loop)
        finally:
            loop.close()
    except Exception as error:
        trace("the scenario failed:", name_of(error), str(error))
