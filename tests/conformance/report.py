#!/usr/bin/env python3
"""Writes docs/conformance.md from statements.json and the tests that name its labels, or checks it.

    report.py check BUILD [--require-all] PROGRAM ...
    report.py write BUILD PROGRAM ...

BUILD is the build's folder, PROGRAM a doctest program. A test names what it proves at either end of
its name, in brackets: `[L1]` or `[L1 T4]`; so may any other test of ctest.

`write` runs the labelled tests and writes what came of it; it exits 1 if one failed. `check` runs
nothing, as ctest runs every one of these tests beside it: it compares the document with what it
would be if all passed. So a document that says that a test failed does not pass the check. Exits 1
too if a test names a label that is no statement, if a label is given twice, or, with --require-all,
if a statement has neither a test nor a reason for having none.
"""

import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from scenario import SCENARIOS
from scenarios import load_all

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DOCUMENT = ROOT / "docs" / "conformance.md"
LABELS = re.compile(r"\s*\[([A-Z]\d+(?:[ ,]+[A-Z]\d+)*)\]\s*")

INTRODUCTION = """\
# Conformance to CPython

aio is asyncio for C++. This table holds what CPython 3.14 does, statement by statement, and which
test shows that aio does the same; where it does not, it says why. "Since" is the oldest Python,
from 3.11 on, that does what is said. The target `primed-conformance-document` writes this file from
`tests/conformance/statements.json` and a run of the tests; the test `conformance` fails when it is
out of date.

The last table lists the [scenarios](#the-same-in-both-languages) that are written once in Python
and once in C++.
"""

SCENARIOS_INTRODUCTION = """\
## The same in both languages

Each scenario is a program that says in order what happens, under a clock that jumps. The test
`conformance-traces` runs it in C++ and under every Python that it finds, and compares what they say
line by line: who runs when, in which turn, at what time, and what comes of it.
"""


@dataclass(frozen=True)
class Test:
    name: str  # as the runner knows it
    source: str  # the file, below the root; empty if it has none
    program: str  # empty for a test of ctest

    def labels(self):
        found = LABELS.findall(self.name)
        return [label for group in found for label in re.split("[ ,]+", group)]

    def title(self):
        return LABELS.sub("", self.name)


def run_program(program, *arguments):
    """What a doctest program has to say of its labelled cases, as XML."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        command = [program, "--test-case=*[*", "--reporters=xml", f"--out={file.name}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        try:
            return xml.parse(file.name)
        except xml.ParseError:
            sys.exit(f"{program} did not finish, code {done.returncode}:\n{done.stderr}")


def cases(program):
    for case in run_program(program, "--list-test-cases").iter("TestCase"):
        source = "tests/" + case.get("filename").rpartition("/tests/")[2]
        yield Test(case.get("name"), source, program)


def ctest(build, *arguments):
    command = ["ctest", "--test-dir", build, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def ctest_names(build):
    listed = json.loads(ctest(build, "--show-only=json-v1").stdout)
    return [test["name"] for test in listed["tests"]]


def find_tests(build, programs):
    found = [test for program in programs for test in cases(program)]
    known = {test.name for test in found}
    others = [Test(name, "", "") for name in ctest_names(build) if name not in known]
    labelled = [test for test in found + others if test.labels()]
    return sorted(labelled, key=lambda test: (test.source, test.name))


def passed_cases(program):
    for case in run_program(program).iter("TestCase"):
        result = case.find("OverallResultsAsserts")  # which cases that were left out do not have
        if result is not None and result.get("test_case_success") == "true":
            yield case.get("name")


def passed_in_ctest(build, names):
    pattern = "|".join(re.sub(r"([][.*+?^$()|\\])", r"\\\1", name) for name in names)
    with tempfile.TemporaryDirectory() as folder:
        ctest(build, "-R", f"^({pattern})$", "--output-junit", f"{folder}/report.xml")
        for case in xml.parse(f"{folder}/report.xml").iter("testcase"):
            if case.get("status") == "run":
                yield case.get("name")


def run_tests(build, tests):
    """The tests that passed."""
    passed = set()
    for program in sorted({test.program for test in tests if test.program}):
        passed.update(passed_cases(program))
    if others := [test.name for test in tests if not test.program]:
        passed.update(passed_in_ctest(build, others))
    return {test for test in tests if test.name in passed}


def group_of(label):
    return label[0]


def number_of(label):
    return int(label[1:])


def complaints(statements, tests):
    """What is wrong with the labels."""
    for label, count in Counter(statement["label"] for statement in statements).items():
        if count > 1:
            yield f"statements.json has {label} {count} times"
    known = {statement["label"] for statement in statements}
    for test in tests:
        for label in test.labels():
            if label not in known:
                yield f"{test.source or 'ctest'}: '{test.name}' names {label}: no such statement"
    for scenario in SCENARIOS.values():
        for label in scenario.labels:
            if label not in known:
                yield f"the scenario {scenario.name} names {label}: no such statement"


def result_of(statement, tests, passed):
    if "no_counterpart" in statement:
        return f"no counterpart: {statement['no_counterpart']}"
    if any(test not in passed for test in tests):
        return "FAILS"
    differs = f"differs: {statement['differs']}" if "differs" in statement else ""
    if not tests:
        return differs or "not proven yet"
    return f"passes; {differs}" if differs else "passes"


def cell(text):
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "\\<")


def where_is(test):
    """Its file; or of a test of ctest the kind, which stands before a colon."""
    if not test.source:
        return test.name.partition(": ")[0]
    name = Path(test.source).stem.removesuffix("_test")
    return f"[{name}](../{test.source})"


def proofs(tests):
    """The tests by where they are, in one cell."""
    titles = defaultdict(list)
    for test in tests:
        title = test.title() if test.source else test.title().partition(": ")[2]
        titles[where_is(test)].append(cell(title))
    return "<br>".join(f"{where}: {'; '.join(named)}" for where, named in titles.items())


def statement_rows(statements, by_label, passed):
    for statement in statements:
        tests = by_label[statement["label"]]
        yield (
            f"| {statement['label']} | {cell(statement['statement'])} | {statement['python']} "
            f"| {proofs(tests)} | {cell(result_of(statement, tests, passed))} |"
        )


def count_of(statements, by_label):
    """The line that sums up, and the labels of what is not proven."""
    kinds = Counter()
    open_labels = []
    for statement in statements:
        if "no_counterpart" in statement:
            kinds["none"] += 1
        elif "differs" in statement:
            kinds["differs"] += 1
        elif by_label[statement["label"]]:
            kinds["proven"] += 1
        else:
            open_labels.append(statement["label"])
    none = "1 has" if kinds["none"] == 1 else f"{kinds['none']} have"
    line = (
        f"**{kinds['proven']} of {len(statements)} statements proven, {kinds['differs']} differ, "
        f"{none} no counterpart.**"
    )
    return line, open_labels


def scenario_rows():
    order = sorted(SCENARIOS.values(), key=lambda each: (
        group_of(each.labels[0]), number_of(each.labels[0]), each.name))
    for scenario in order:
        oldest = ".".join(map(str, scenario.oldest))
        result = f"differs: {scenario.differs}" if scenario.differs else "agrees"
        if not scenario.compared:
            result = "not compared yet"
        yield f"| `{scenario.name}` | {', '.join(scenario.labels)} | {oldest} | {cell(result)} |"


def document(data, tests, passed):
    by_label = defaultdict(list)
    for test in tests:
        for label in test.labels():
            by_label[label].append(test)
    groups = sorted(data["groups"].items())
    statements = sorted(
        data["statements"], key=lambda each: (group_of(each["label"]), number_of(each["label"])))
    summary, open_labels = count_of(statements, by_label)
    lines = [INTRODUCTION, summary, ""]
    if open_labels:
        lines += [f"Not proven yet ({len(open_labels)}): {', '.join(open_labels)}.", ""]
    for group, title in groups:
        lines += [f"## {group}: {title}", ""]
        lines += ["| | What CPython does | Since | Tests | aio |", "|---|---|---|---|---|"]
        members = [each for each in statements if group_of(each["label"]) == group]
        lines += [*statement_rows(members, by_label, passed), ""]
    lines += [SCENARIOS_INTRODUCTION, f"{len(SCENARIOS)} scenarios:", ""]
    lines += ["| Scenario | Statements | Since | aio |", "|---|---|---|---|", *scenario_rows()]
    return "\n".join(lines) + "\n", open_labels


def check(text, open_labels, require_all):
    good = True
    if open_labels:
        print(f"neither a test nor a reason for having none: {' '.join(open_labels)}")
        good = not require_all
    if not DOCUMENT.exists() or DOCUMENT.read_text() != text:
        print("docs/conformance.md is out of date: build the target primed-conformance-document")
        good = False
    return good


def write(text, tests, passed):
    DOCUMENT.write_text(text)
    for test in tests:
        if test not in passed:
            print(f"FAILED: {test.name}")
    print(f"{DOCUMENT}: {len(passed)} of {len(tests)} labelled tests passed")
    return len(passed) == len(tests)


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--require-all"]
    if len(arguments) < 3 or arguments[0] not in ("check", "write"):
        print(__doc__, file=sys.stderr)
        return 64
    mode, build, *programs = arguments
    load_all()
    data = json.loads((HERE / "statements.json").read_text())
    tests = find_tests(build, programs)
    wrong = list(complaints(data["statements"], tests))
    print("\n".join(wrong), end="\n" if wrong else "")
    passed = run_tests(build, tests) if mode == "write" else set(tests)
    text, open_labels = document(data, tests, passed)
    if mode == "write":
        return 0 if write(text, tests, passed) and not wrong else 1
    return 0 if check(text, open_labels, "--require-all" in sys.argv) and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
