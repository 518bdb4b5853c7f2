"""Trial division in Python as the chapter has it: with a turn of asyncio's loop after every 50 000
candidates, and without."""

import asyncio
import sys
import time
from math import isqrt

NUMBER = 999_999_999_989 if "--smoke" in sys.argv else 99_999_999_999_973  # primes


async def is_prime_with_yields(n):
    for i in range(3, isqrt(n) + 1, 2):
        if n % i == 0:
            return False
        elif i % 100000 == 1:
            await asyncio.sleep(0)
    return True


def is_prime(n):
    for i in range(3, isqrt(n) + 1, 2):
        if n % i == 0:
            return False
    return True


def measure(contender, work):
    start = time.process_time_ns()
    assert work()
    print(contender, "candidate", f"{(time.process_time_ns() - start) / (isqrt(NUMBER) / 2):.6g}")


measure("asyncio", lambda: asyncio.run(is_prime_with_yields(NUMBER)))
measure("python", lambda: is_prime(NUMBER))
