"""What the documentation shows as refused is refused, with the words that it says."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import snippets

ROOT = Path(__file__).resolve().parent.parent.parent
CXX = os.environ.get("CXX", "g++")
DOCUMENTS = [Path(name) for name in os.environ["PRIMED_DOCUMENTS"].split(":")]


def errors_of(snippet):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "refused.cpp")
        source.write_text('#include "docs/prelude.hpp"\n' + snippet.as_source(1), encoding="utf-8")
        done = subprocess.run(
            [CXX, "-std=c++20", "-fsyntax-only", "-Werror", f"-I{ROOT}/include", f"-I{ROOT}/tests",
             str(source)], capture_output=True, text=True)
        return done.stderr if done.returncode else ""


class Refused(unittest.TestCase):
    def test_what_is_shown_as_refused_is_refused(self):
        refused = [snippet for document in DOCUMENTS for snippet in snippets.snippets(document)
                   if snippet.is_refused]
        self.assertGreater(len(refused), 0)
        for snippet in refused:
            with self.subTest(f"{snippet.document}:{snippet.line}"):
                self.assertIn(snippet.refusal, errors_of(snippet))


if __name__ == "__main__":
    unittest.main(verbosity=2)
