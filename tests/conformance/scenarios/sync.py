"""Locks and their kin."""

import asyncio

from scenario import at, attempt, outcome, scenario, ticks, trace, turns


def start(coroutine_function, names, *args):
    return {name: asyncio.create_task(coroutine_function(name, *args)) for name in names}


async def finish(tasks):
    for task in tasks.values():
        await outcome(task)


async def hold(name, lock, wait=0.010):
    try:
        async with lock:
            trace(name, "has it", at())
            await asyncio.sleep(wait)
        trace(name, "left", at())
    except asyncio.CancelledError as error:
        trace(name, error, at())


@scenario("K1")
async def a_lock_is_handed_on_in_order():
    lock = asyncio.Lock()
    await finish(start(hold, "abc", lock))
    trace(lock.locked(), attempt(lock.release))


@scenario("K1")
async def nobody_overtakes_who_waits_for_a_lock():
    lock = asyncio.Lock()
    await lock.acquire()
    tasks = start(hold, "ab", lock, 0)
    await turns(1)
    lock.release()
    trace("released", lock.locked())
    tasks |= start(hold, "c", lock, 0)
    trace(await lock.acquire(), "at last")
    lock.release()
    await finish(tasks)


@scenario("K2")
async def cancelling_the_first_waiter_as_the_lock_is_released():
    lock = asyncio.Lock()
    await lock.acquire()
    tasks = start(hold, "abc", lock)
    await turns(1)
    tasks["a"].cancel()
    lock.release()
    await finish(tasks)


@scenario("K3")
async def a_chosen_waiter_that_is_cancelled_passes_the_lock_on():
    lock = asyncio.Lock()
    await lock.acquire()
    tasks = start(hold, "abc", lock)
    await turns(1)
    lock.release()
    tasks["a"].cancel()
    await finish(tasks)


@scenario("K4")
async def set_wakes_all_even_if_cleared_at_once():
    event = asyncio.Event()

    async def wait(name):
        trace(name, await event.wait(), event.is_set())

    tasks = start(wait, "ab")
    await turns(1)
    event.set()
    event.clear()
    tasks |= start(wait, "c")
    await ticks(2)
    event.set()
    await finish(tasks)
    ticker = asyncio.create_task(ticks(1))
    trace(await event.wait())
    await ticker


@scenario("K5")
async def a_condition_needs_its_lock():
    condition = asyncio.Condition()
    trace(await outcome(condition.wait()))
    trace(attempt(condition.notify))
    trace(attempt(condition.notify_all))


async def wait_notified(name, condition):
    try:
        async with condition:
            trace(name, "waits")
            await condition.wait()
            trace(name, "notified", condition.locked(), at())
    except asyncio.CancelledError as error:
        trace(name, error, condition.locked(), at())


@scenario("K5 K6")
async def notify_wakes_in_order():
    condition = asyncio.Condition()
    tasks = start(wait_notified, "abcd", condition)
    await turns(5)
    async with condition:
        condition.notify()
        trace("notified one")
        await asyncio.sleep(0.010)
    await asyncio.sleep(0.010)
    async with condition:
        condition.notify(2)
        trace("notified two")
    await asyncio.sleep(0.010)
    async with condition:
        condition.notify_all()
    await finish(tasks)


@scenario("K5")
async def a_waiter_cancelled_while_others_hold_the_lock_gets_it_first():
    condition = asyncio.Condition()
    tasks = start(wait_notified, "a", condition)
    await turns(1)
    async with condition:
        tasks["a"].cancel()
        await asyncio.sleep(0.010)
        trace("still held", tasks["a"].done())
        tasks["a"].cancel()
        await asyncio.sleep(0.010)
        trace("still held", tasks["a"].done())
    await finish(tasks)
    trace(condition.locked())


@scenario("K6", oldest=(3, 13))
async def a_lost_notification_goes_to_another():
    condition = asyncio.Condition()
    tasks = start(wait_notified, "ab", condition)
    await turns(3)
    async with condition:
        condition.notify()
        tasks["a"].cancel()
    await finish(tasks)


@scenario("K7")
async def wait_for_asks_until_it_is_true():
    condition = asyncio.Condition()
    counter = [0]

    def predicate():
        trace("asked", counter[0])
        return counter[0] if counter[0] > 1 else 0

    async def waiter(_):
        async with condition:
            trace("value", await condition.wait_for(predicate))

    tasks = start(waiter, "a")
    for count in (1, 2):
        await turns(2)
        async with condition:
            counter[0] = count
            condition.notify_all()
    await finish(tasks)


@scenario("K9")
async def semaphores_have_bounds():
    trace(attempt(lambda: asyncio.Semaphore(0).locked()))
    trace(attempt(lambda: asyncio.Semaphore(-1).locked()))
    semaphore = asyncio.BoundedSemaphore(1)
    trace(await semaphore.acquire(), semaphore.locked())
    trace(attempt(semaphore.release), attempt(semaphore.release))


@scenario("K9 K10")
async def a_semaphore_lets_as_many_in_as_it_has():
    semaphore = asyncio.Semaphore(2)
    await finish(start(hold, "abcde", semaphore))


@scenario("K10")
async def several_releases_wake_several():
    semaphore = asyncio.Semaphore(0)

    async def acquire(name):
        await semaphore.acquire()
        trace(name)

    tasks = start(acquire, "abc")
    await turns(1)
    semaphore.release()
    semaphore.release()
    trace("released twice", semaphore.locked())
    await ticks(3)
    semaphore.release()
    await finish(tasks)


@scenario("K9")
async def a_release_after_cancelled_waiters_wakes_a_live_one():
    semaphore = asyncio.Semaphore(0)
    tasks = start(hold, "abc", semaphore, 0)
    await turns(1)
    tasks["a"].cancel()
    tasks["b"].cancel()
    semaphore.release()
    await finish(tasks)
    trace(semaphore.locked())


@scenario("K11")
async def a_barrier_opens_for_all_at_once_and_again():
    barrier = asyncio.Barrier(3)

    async def wait(name):
        for round_number in (1, 2):
            index = await barrier.wait()
            trace(name, "round", round_number, "index", index)
            await asyncio.sleep(0)

    tasks = start(wait, "ab")
    await turns(1)
    trace("waiting", barrier.n_waiting)
    tasks |= start(wait, "c")
    await finish(tasks)
    trace("waiting", barrier.n_waiting, attempt(lambda: asyncio.Barrier(0).parties))


@scenario("K11")
async def a_barrier_may_be_broken_and_reset():
    barrier = asyncio.Barrier(2)

    async def wait(name):
        trace(name, await outcome(barrier.wait()))

    tasks = start(wait, "a")
    await turns(1)
    await barrier.reset()
    await finish(tasks)
    tasks = start(wait, "b")
    await turns(1)
    await barrier.abort()
    await finish(tasks)
    trace("broken", barrier.broken, await outcome(barrier.wait()))
    await barrier.reset()
    await finish(start(wait, "cd"))


@scenario("K11")
async def a_cancelled_waiter_no_longer_counts():
    barrier = asyncio.Barrier(2)

    async def wait(name):
        trace(name, await outcome(barrier.wait()))

    tasks = start(wait, "a")
    await turns(1)
    tasks["a"].cancel()
    await finish(tasks)
    trace("waiting", barrier.n_waiting)
    await finish(start(wait, "bc"))
