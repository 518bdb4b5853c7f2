"""A Perl one-liner with Math::Prime::Util on the same file, as a whole process.

perl_peer.py MAKE_LIST [--smoke]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ONE_LINER = 'print "$_ ", is_prime($_) ? "prime" : "composite"'


def main():
    count = 2_000 if "--smoke" in sys.argv else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        numbers = Path(folder, "numbers.txt")
        subprocess.run([sys.argv[1], "numbers", str(count), numbers], check=True)
        with Path(folder, "results.txt").open("w") as results:
            start = time.monotonic_ns()
            subprocess.run(
                ["perl", "-MMath::Prime::Util=is_prime", "-nle", ONE_LINER, numbers],
                stdout=results,
                check=True,
            )
            print("perl", "one_number", (time.monotonic_ns() - start) / count)


if __name__ == "__main__":
    main()
