"""gmpy2, as the other contenders: it is given the numbers by bench-primality."""

import subprocess
import sys
import time

import gmpy2

FIGURES = ["random_odd_64", "primes_64", "random_odd_32"]


def main():
    program, smoke = sys.argv[1], "--smoke" in sys.argv
    for figure in FIGURES:
        listed = subprocess.run(
            [program, "--list", figure], check=True, capture_output=True, text=True
        )
        lines = [line.split() for line in listed.stdout.splitlines()]
        if smoke:
            lines = lines[:100]
        numbers = [int(number) for number, _ in lines]
        expected = [answer == "1" for _, answer in lines]
        is_prime = gmpy2.is_prime
        used = []
        for _ in range(3):
            begun = time.process_time_ns()
            answers = [is_prime(number) for number in numbers]
            used.append(time.process_time_ns() - begun)
        if answers != expected:
            sys.exit("gmpy2: the answers differ from those of primes")
        print("gmpy2", figure, min(used) / len(numbers))


main()
