"""The same in Python: a ProcessPoolExecutor of two with gmpy2, in chunks of 1000 lines.

gmpy2_peer.py MAKE_LIST [--smoke]
"""

import collections
import itertools
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import gmpy2

CHUNK_LINES = 1000


def work(start, lines):
    results = []
    for position, line in enumerate(lines, start):
        job = json.loads(line)
        number = job["number"]
        record = {
            "event": "result",
            "job_id": job.get("id", f"job-{position}"),
            "kind": job["kind"],
            "state": "succeeded",
            "result": {"number": str(number), "prime": gmpy2.is_prime(number)},
        }
        results.append(json.dumps(record))
    return "\n".join(results) + "\n"


def run(pool, source, results):
    """No more chunks under way than keep two workers busy: memory stays flat, as it has to."""
    pending = collections.deque()
    with source.open() as lines, results.open("w") as file:
        for start in itertools.count(1, CHUNK_LINES):
            chunk = list(itertools.islice(lines, CHUNK_LINES))
            if not chunk:
                break
            pending.append(pool.submit(work, start, chunk))
            if len(pending) == 8:
                file.write(pending.popleft().result())
        for future in pending:
            file.write(future.result())


def main():
    count = 2_000 if "--smoke" in sys.argv else 200_000
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(2) as pool:
        list(pool.map(abs, range(4)))  # both are there before the time begins
        for name in ("ids", "no_ids", "mixed"):
            source = Path(folder, "list.ndjson")
            subprocess.run([sys.argv[1], name, str(count), source], check=True)
            start = time.monotonic_ns()
            run(pool, source, Path(folder, "results.ndjson"))
            print("gmpy2", name, (time.monotonic_ns() - start) / count)


if __name__ == "__main__":
    main()
