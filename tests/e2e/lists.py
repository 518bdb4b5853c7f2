"""Job lists that are wrong, each with where and how, and lists that are right.

In a text, `¶` stands before each place where an error is to be reported. A pointer of None means
that the contract leaves it open, `schema` whether the published schema is able to refuse the list.
"""

from dataclasses import dataclass

MARK = "¶".encode()


@dataclass
class Wrong:
    name: str
    text: bytes
    pointers: list
    words: list  # one for each error: what its message has to name
    schema: bool
    exact: bool = True  # False for syntax: the line is what counts, the column may be one off

    def __init__(self, name, text, pointers="", words="", schema=True, exact=True):
        self.name = name
        self.text = text.encode() if isinstance(text, str) else text
        self.pointers = [pointers] if not isinstance(pointers, list) else pointers
        self.words = [words] if not isinstance(words, list) else words
        self.schema = schema
        self.exact = exact

    @property
    def plain(self):
        return self.text.replace(MARK, b"")

    @property
    def places(self):
        """Line and column in bytes, both from 1, of each mark."""
        places = []
        before = b""
        for piece in self.text.split(MARK)[:-1]:
            before += piece
            start = before.rfind(b"\n") + 1
            places.append((before.count(b"\n") + 1, len(before) - start + 1))
        return places


def syntax(name, text, words=""):
    return Wrong(name, text, None, words, schema=False, exact=False)


def jobs(text):
    return '{"jobs": [' + text + "]}"


def job(name, text, pointer, words="", schema=True):
    return Wrong(name, jobs(text), f"/jobs/0{pointer}", words, schema)


def prime(name, members, pointer, words="", schema=True):
    return job(name, '{"kind": "prime", ' + members + "}", pointer, words, schema)


def countdown(name, members, pointer, words="", schema=True):
    return job(name, '{"kind": "countdown", ' + members + "}", pointer, words, schema)


def settings(name, members, pointer, words="", schema=True):
    return Wrong(name, '{"settings": {' + members + '}, "jobs": []}', f"/settings{pointer}", words,
                 schema)


SYNTAX = [
    syntax("empty", "¶"),
    syntax("trailing comma in a list", '{"jobs": [{"kind": "countdown"},\n¶]}'),
    syntax("trailing comma in an object", '{"jobs": [],\n¶}'),
    syntax("line comment", '{"jobs": []}\n¶// done'),
    syntax("block comment", '{\n¶/* all */ "jobs": []}'),
    syntax("truncated in an object", '{"jobs": [{"kind": "countdown"¶'),
    syntax("truncated in a string", '{"jobs": [{"kind": ¶"count'),
    syntax("truncated in a word", '{"jobs": ¶tru'),
    syntax("missing colon", '{"jobs"\n¶[]}'),
    syntax("missing comma", '{"version": 1\n¶"jobs": []}'),
    syntax("single quotes", "{\n¶'jobs': []}"),
    syntax("unquoted key", "{\n¶jobs: []}"),
    syntax("NaN", jobs('{"kind": "countdown", "interval": ¶NaN}')),
    syntax("infinity", jobs('{"kind": "countdown", "interval": ¶Infinity}')),
    syntax("plus sign", jobs('{"kind": "prime", "number": ¶+7}')),
    syntax("leading zero", jobs('{"kind": "prime", "number": ¶007}')),
    syntax("bare hexadecimal", jobs('{"kind": "prime", "number": ¶0x1F}')),
    syntax("fraction without a digit before it", jobs('{"kind": "countdown", "interval": ¶.5}')),
    syntax("text after the end", '{"jobs": []}\n¶x'),
    syntax("two lists", '{"jobs": []}\n¶{"jobs": []}'),
    syntax("newline in a string", jobs('{"id": "a¶\nb", "kind": "countdown"}')),
    syntax("unknown escape", jobs('{"id": "a¶\\q", "kind": "countdown"}')),
    syntax("lone surrogate", jobs('{"id": "¶\\ud800", "kind": "countdown"}')),
    syntax("invalid UTF-8", b'{"jobs": [{"id": "' + MARK + b'\xff", "kind": "countdown"}]}',
           "UTF-8"),
    syntax("overlong UTF-8", b'{"jobs": [{"id": "' + MARK + b'\xc0\xaf", "kind": "countdown"}]}',
           "UTF-8"),
    syntax("UTF-16, least byte first", MARK + '\ufeff{"jobs": []}'.encode("utf-16-le"), "UTF-16"),
    syntax("UTF-16, most byte first", MARK + '\ufeff{"jobs": []}'.encode("utf-16-be"), "UTF-16"),
    syntax("UTF-16 without a mark", MARK + '{"jobs": []}'.encode("utf-16-le"), "UTF-16"),
    syntax("65 levels", '{"x-deep": ' + "[" * 63 + "¶[" + "]" * 64 + ', "jobs": []}', "64"),
    syntax("a hundred thousand levels", '{"x-deep": ' + "[" * 63 + "¶" + "[" * 99_936, "64"),
]

VALUES = [
    Wrong("a list at the root", "¶[]", "/"),
    Wrong("a string at the root", '¶"jobs"', "/"),
    Wrong("no jobs", '¶{"version": 1}', None, "jobs"),
    Wrong("jobs that are no list", '{"jobs": ¶{}}', "/jobs"),
    Wrong("unknown key", '{"jobs": [], ¶"job": []}', "/job", "jobs"),
    Wrong("duplicate key", '{"jobs": [], ¶"jobs": []}', "/jobs", "jobs", schema=False),
    Wrong("version 2", '{"version": ¶2, "jobs": []}', "/version"),
    Wrong("version in quotes", '{"version": ¶"1", "jobs": []}', "/version"),
    Wrong("settings that are null", '{"settings": ¶null, "jobs": []}', "/settings"),
    Wrong("defaults for an unknown kind", '{"defaults": {¶"primes": {}}, "jobs": []}',
          "/defaults/primes", "prime"),
    Wrong("defaults with an unknown key",
          '{"defaults": {"prime": {¶"methods": "auto"}}, "jobs": []}',
          "/defaults/prime/methods", "method"),
    Wrong("defaults with a wrong value",
          '{"defaults": {"countdown": {"from": ¶-1}}, "jobs": []}', "/defaults/countdown/from"),
    settings("no workers", '"workers": ¶0', "/workers"),
    settings("too many workers", '"workers": ¶65', "/workers"),
    settings("workers in words", '"workers": ¶"two"', "/workers"),
    settings("unknown setting", '¶"worker": 2', "/worker", "workers"),
    settings("negative grace", '"grace": ¶-1', "/grace"),
    settings("unknown executor for all", '"executor": ¶"threads"', "/executor"),
]

JOBS = [
    job("a job that is no object", "¶7", ""),
    job("no kind", '¶{"id": "A"}', "", "kind"),
    job("unknown kind", '{"kind": ¶"countdwn"}', "/kind", "countdown"),
    job("kind of a wrong type", '{"kind": ¶1}', "/kind"),
    job("empty id", '{"id": ¶"", "kind": "countdown"}', "/id"),
    job("id of 129 characters", '{"id": ¶"' + "ä" * 129 + '", "kind": "countdown"}', "/id", "128"),
    job("id that is a number", '{"id": ¶7, "kind": "countdown"}', "/id"),
    job("id of another position", '{"id": ¶"job-2", "kind": "countdown"}', "/id", "",
        schema=False),
    Wrong("duplicate id", jobs('{"id": "A", "kind": "countdown"},\n'
                               '{"id": ¶"A", "kind": "countdown"}'), "/jobs/1/id", "A",
          schema=False),
    job("duplicate key in a job", '{"kind": "countdown", "from": 3, ¶"from": 3}', "/from", "",
        schema=False),
    countdown("near miss", '¶"intervall": 1', "/intervall", "interval"),
    countdown("key of another kind", '¶"number": 7', "/number"),
    countdown("negative from", '"from": ¶-1', "/from"),
    countdown("from with a fraction", '"from": ¶2.5', "/from"),
    countdown("from in quotes", '"from": ¶"3"', "/from"),
    countdown("from beyond 10^9", '"from": ¶1000000001', "/from"),
    countdown("huge from", '"from": ¶' + "9" * 30, "/from"),
    countdown("negative interval", '"interval": ¶-0.5', "/interval"),
    countdown("unknown unit", '"interval": ¶"5 parsecs"', "/interval"),
    countdown("interval without a unit", '"interval": ¶"5"', "/interval"),
    countdown("empty interval", '"interval": ¶""', "/interval"),
    countdown("interval that is true", '"interval": ¶true', "/interval"),
    countdown("interval that is null", '"interval": ¶null', "/interval"),
    countdown("interval beyond 100 years", '"interval": ¶1e10', "/interval"),
    countdown("interval beyond 100 years in words", '"interval": ¶"40000d"', "/interval",
              schema=False),
    countdown("unknown executor", '"executor": ¶"threads"', "/executor", "thread"),
    job("no number", '¶{"kind": "prime"}', "", "number"),
    Wrong("number and numbers", jobs('{"kind": "prime", "number": 7, ¶"numbers": [7]}'), None,
          "number"),
    prime("fraction", '"number": ¶7.0', "/number", schema=False),
    prime("exponent", '"number": ¶1e3', "/number", schema=False),
    prime("number that is true", '"number": ¶true', "/number"),
    prime("empty number", '"number": ¶""', "/number"),
    prime("leading zeros in quotes", '"number": ¶"007"', "/number"),
    prime("plus sign in quotes", '"number": ¶"+7"', "/number"),
    prime("space in quotes", '"number": ¶" 7"', "/number"),
    prime("hexadecimal without digits", '"number": ¶"0x"', "/number"),
    prime("310 digits without quotes", '"number": ¶' + "7" * 310, "/number", "300", schema=False),
    prime("20 001 digits", '"number": ¶"' + "7" * 20_001 + '"', "/number", "20", schema=False),
    prime("too large for trial division",
          '"number": ¶18446744073709551616, "method": "trial_division"', "/number", "auto",
          schema=False),
    prime("unknown method", '"number": 7, "method": ¶"bpsw"', "/method", "auto"),
    prime("numbers that are no list", '"numbers": ¶7', "/numbers"),
    Wrong("two bad ones among the numbers",
          jobs('{"kind": "prime", "numbers": [7, ¶null, 9,\n ¶"x"]}'),
          ["/jobs/0/numbers/1", "/jobs/0/numbers/3"], ["", ""]),
    prime("file that is no string", '"numbers_from": ¶7', "/numbers_from"),
    Wrong("errors in three jobs", jobs('{"kind": "countdown", "from": ¶-1},\n'
                                       '{"kind": ¶"prim"},\n{"kind": "prime", "number": ¶"x"}'),
          ["/jobs/0/from", "/jobs/1/kind", "/jobs/2/number"], ["", "prime", ""]),
    Wrong("pointer with characters to escape", jobs('{"kind": "countdown", ¶"a/b~c": 1}'),
          "/jobs/0/a~1b~0c"),
    Wrong("column in bytes", jobs('{"id": "größe", "kind": "countdown", "from": ¶-1}'),
          "/jobs/0/from"),
    Wrong("windows line ends", '{"jobs": [\r\n{"kind": "countdown",\r\n"from": ¶-1}]}',
          "/jobs/0/from"),
    Wrong("byte order mark", '\ufeff{"version": 1,\n"jobs": ¶1}', "/jobs"),
]

WRONG = SYNTAX + VALUES + JOBS

RIGHT = {
    "no jobs": '{"jobs": []}',
    "version": '{"version": 1, "jobs": []}',
    "schema and notes": '{"$schema": "jobs.schema.json", "x-note": [1], "jobs": []}',
    "notes in a job": jobs('{"kind": "countdown", "x-owner": {"a": null}}'),
    "notes in settings": '{"settings": {"x-why": 1, "workers": 64}, "jobs": []}',
    "byte order mark": '\ufeff{"jobs": []}',
    "id at its own position": jobs('{"id": "job-1", "kind": "countdown"}'),
    "id of 128 characters": jobs('{"id": "' + "ä" * 128 + '", "kind": "countdown"}'),
    "id with escapes": jobs('{"id": "a\\"\\u00e9\\ud83e\\uddee", "kind": "countdown"}'),
    "bounds of from": jobs('{"kind": "countdown", "from": 0},'
                           '{"kind": "countdown", "from": 1000000000}'),
    "intervals": jobs(",".join(
        f'{{"kind": "countdown", "interval": {value}}}' for value in (
            "0", "0.5", "1e3", "3155760000", '"0s"', '"1m30s"', '"1.5s"', '"250ns"', '"10us"',
            '"800ms"', '"2h"', '"36500d"', '"1d2h3m4s5ms6us7ns"'))),
    "executors": jobs('{"kind": "countdown", "executor": "thread"},'
                      '{"kind": "prime", "number": 7, "executor": "loop"}'),
    "numbers": jobs(",".join(
        f'{{"kind": "prime", "number": {value}}}' for value in (
            "0", "-7", "7" * 300, '"' + "7" * 301 + '"', '"0"', '"-7"', '"0x1F"', '"0Xff"',
            "18446744073709551616"))),
    "a list of numbers": jobs('{"kind": "prime", "numbers": [1, "2", -3, "0x4"]}'),
    "trial division up to its bound": jobs(
        '{"kind": "prime", "number": 18446744073709551615, "method": "trial_division"}'),
    "defaults": '{"defaults": {"prime": {"method": "trial_division", "executor": "loop"}, '
                '"countdown": {"from": 1, "interval": "1ms"}}, '
                '"jobs": [{"kind": "prime", "number": 7}]}',
    "settings": '{"settings": {"workers": 1, "grace": "2s", "executor": "thread"}, "jobs": []}',
    "64 levels": '{"jobs": [], "x-deep": ' + "[" * 63 + "]" * 63 + "}",
}
