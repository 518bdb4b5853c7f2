#!/usr/bin/python3
"""Holds the schema of the job list against the parser: both have to accept the same lists.

    schema_agreement.py --schema FILE --check 'COMMAND' DIR...

COMMAND is run with each list of the directories (*.json, schemas aside) as its last argument; 0
means that the list is good, 78 that it is not. Where a schema cannot say what the parser says, the
list is named below with the reason, and the two have to differ: an exception that no longer is one
fails.

Needs Debian's python3-jsonschema; without it the exit code is 77, which ctest counts as skipped.
"""

import argparse
import json
import pathlib
import shlex
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

# Lists that the schema accepts and the parser does not.
BEYOND_THE_SCHEMA = {
    "duplicate_key": "a JSON reader keeps one of the two before the schema sees them",
    "duplicate_key_in_job": "a JSON reader keeps one of the two before the schema sees them",
    "duplicate_id": "draft-07 cannot compare members of a list's items",
    "id_of_another_position": "a schema does not know an item's position",
    "from_with_fraction": "for a schema 3.0 and 1e3 are integers",
    "number_with_fraction": "for a schema 7.0 and 1e3 are integers",
    "interval_in_text_too_long": "a pattern cannot add up durations",
    "max_digits_after_jobs": "a schema cannot look up a setting",
    "number_of_301_bare_digits": "a schema knows the value of a number, not how it is written",
    "numbers_from_with_zero_byte": "said in the schema's description instead of a pattern",
    "trial_division_of_a_large_number": "numbers in quotes have no size for a schema",
    "trial_division_by_default_after_jobs": "a schema cannot look up a default",
    "lone_surrogate": "Python's JSON reader lets half a surrogate pair pass",
}


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def schema_accepts(validator, path):
    """True if the text is JSON and the schema has nothing against it."""
    try:
        value = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return validator.is_valid(value)


def parser_accepts(command, path):
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=60)
    if done.returncode not in (0, 78):
        sys.exit(f"{shlex.join(command)} {path}: exit code {done.returncode}\n{done.stderr}")
    return done.returncode == 0


def lists_in(directories):
    for directory in directories:
        for path in sorted(pathlib.Path(directory).glob("*.json")):
            if not path.name.endswith(".schema.json"):
                yield path


def disagreement(name, schema, parser):
    """What is wrong with these two verdicts on one list; empty if nothing is."""
    if name in BEYOND_THE_SCHEMA:
        if schema and not parser:
            return ""
        return f"named as beyond the schema, but schema {schema} and parser {parser}"
    if schema != parser:
        return f"the schema says {schema}, the parser {parser}"
    return ""


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--schema", required=True, type=pathlib.Path)
    arguments.add_argument("--check", required=True, type=shlex.split)
    arguments.add_argument("directories", nargs="+", metavar="DIR")
    options = arguments.parse_args()

    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    schema = json.loads(options.schema.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)

    seen = set()
    faults = []
    for path in lists_in(options.directories):
        seen.add(path.stem)
        by_schema = schema_accepts(validator, path)
        by_parser = parser_accepts(options.check, path)
        fault = disagreement(path.stem, by_schema, by_parser)
        if fault:
            faults.append(f"{path.name}: {fault}")
    faults += [f"{name}: no such list" for name in sorted(set(BEYOND_THE_SCHEMA) - seen)]

    for fault in faults:
        print(fault)
    print(f"{len(seen)} lists, {len(BEYOND_THE_SCHEMA)} beyond the schema, {len(faults)} wrong")
    return 1 if faults or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
