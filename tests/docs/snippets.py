"""The C++ of the documentation, as files that compile.

    snippets.py OUTPUT DOCUMENT...

A block that starts with ```cpp is what its next word says:

    ```cpp              declarations, as in a header or a source
    ```cpp coroutine    statements inside a coroutine
    ```cpp refused: X   declarations that do not compile; X is a part of the message

All but the refused go to OUTPUT; each in a namespace of its own, below the prelude, and with the
document's name and line for the compiler's messages.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^( *)```cpp(?:[ \t]+(?P<kind>[^\n]*?))?[ \t]*\n(?P<code>.*?)^ *```[ \t]*$",
                   re.MULTILINE | re.DOTALL)


@dataclass
class Snippet:
    document: Path
    line: int
    kind: str  # "", "coroutine" or "refused: part of the message"
    code: str

    @property
    def refusal(self):
        """A part of the message with which it is refused, or none."""
        return self.kind.removeprefix("refused:").strip() if self.is_refused else None

    @property
    def is_refused(self):
        return self.kind.startswith("refused:")

    def as_source(self, number):
        code = re.sub(r"^#include .*$", "", self.code, flags=re.MULTILINE)  # the prelude has it
        code = re.sub(r"^int main\(\)", "void main_function()", code, flags=re.MULTILINE)
        code = f'#line {self.line} "{self.document}"\n{code}'
        if self.kind == "coroutine":
            code = f"[[maybe_unused]] aio::Coro<void> snippet() {{\n{code}\nco_return;\n}}\n"
        return f"namespace snippet_{number} {{\n{code}\n}}\n"


def snippets(document):
    text = document.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        kind = match["kind"] or ""
        if kind not in ("", "coroutine") and not kind.startswith("refused:"):
            raise SystemExit(f"{document}: a block of C++ is called '{kind}'")
        yield Snippet(document, text.count("\n", 0, match.start("code")) + 1, kind, match["code"])


def main():
    output, *documents = map(Path, sys.argv[1:])
    found = [snippet for document in documents for snippet in snippets(document)]
    text = '#include "docs/prelude.hpp"\n'
    for number, snippet in enumerate(found, 1):
        if not snippet.is_refused:
            text += snippet.as_source(number)
    if not output.exists() or output.read_text(encoding="utf-8") != text:
        output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
