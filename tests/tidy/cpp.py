"""Just enough of C++ for tidy: comments and literals out of the way, and where functions end."""

import re

# In this order: what starts first wins, and within it nothing else is looked for.
TOKENS = re.compile(
    r"""(?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^(\s\\]{0,16})\(.*?\)(?P=mark)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<separated>(?<=[0-9a-fA-F])'(?=[0-9a-fA-F]))
      | (?P<character>'(?:\\.|[^'\\\n])*')
    """,
    re.VERBOSE | re.DOTALL,
)


def blank_out(text, strings=True):
    """`text` with spaces in place of comments, and of literals unless told otherwise. Newlines
    stay, so that line numbers do too."""

    def blank(match):
        if match["comment"] is None and not strings:
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    return TOKENS.sub(blank, text)


def without_directives(text):
    return re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m[0]), text,
                  flags=re.MULTILINE)


SCOPE = re.compile(r"\b(namespace|class|struct|union|extern)\b")


def opens_scope(head):
    """Whether a brace after `head` opens a namespace or a type, in which functions are looked for,
    rather than a function's body or an initialiser. A function may return a `struct x` or have a
    `template <class T>`, but then it has its parameters as well: the `@` here."""
    plain = until_it_stays(r"\([^()]*\)", "@", head)
    plain = re.sub(r"\b(alignas|requires|decltype|noexcept)\s*@", "", plain)
    plain = until_it_stays(r"<[^<>]*>", "", plain)
    if re.match(r"\s*TEST_SUITE\s*@", plain):  # doctest's word for a namespace
        return True
    return SCOPE.search(plain) is not None and "@" not in plain


def until_it_stays(pattern, replacement, text):
    """Replaces from the inside to the outside."""
    while (changed := re.sub(pattern, replacement, text)) != text:
        text = changed
    return text


def is_initialiser(head):
    return head.rstrip().endswith(("=", ",")) or re.search(r"\benum\b", head) is not None


def long_functions(text, lines_max):
    """Line and length of each function whose body, braces included, is longer than `lines_max`."""
    code = without_directives(blank_out(text))
    found = []
    stack = []  # for each open brace: (kind, line); only scopes are looked into
    line = 1
    head = ""
    for character in code:
        if character == "\n":
            line += 1
        if character == "{":
            stack.append((kind_of(stack, head), line))
            head = ""
        elif character == "}":
            kind, start = stack.pop() if stack else ("other", line)
            if kind == "function" and line - start + 1 > lines_max:
                found.append((start, line - start + 1))
            head = ""
        elif character == ";":
            head = ""
        else:
            head += character
    return found


def kind_of(stack, head):
    if stack and stack[-1][0] != "scope":
        return "inner"
    if is_initialiser(head):
        return "other"
    return "scope" if opens_scope(head) else "function"


# An opening bracket after a name, a number, `)` or `]` is a subscript; two are an attribute.
LAMBDA = re.compile(r"(?:\b(?:return|co_return|co_await|co_yield)|(?<![\w)\]\[\s]))\s*\[(?!\[)")
CLOSING = {"[": "]", "(": ")", "{": "}"}


def end_of_group(code, start):
    """Where the group that opens at `start` has closed."""
    opening, depth = code[start], 0
    for at in range(start, len(code)):
        if code[at] == opening:
            depth += 1
        elif code[at] == CLOSING[opening]:
            depth -= 1
            if depth == 0:
                return at + 1
    return len(code)


def lambdas(code):
    """Position, captures and body of each lambda of a text without comments and literals."""
    for match in LAMBDA.finditer(code):
        start = match.end() - 1
        end = end_of_group(code, start)
        captures = code[start + 1:end - 1].strip()
        while end < len(code) and code[end] not in "{;,)]}":
            end = end_of_group(code, end) if code[end] in "([" else end + 1
        if end < len(code) and code[end] == "{":
            yield start, captures, code[end:end_of_group(code, end)]


def lost_captures(text):
    """Line of each call of a capturing lambda that is a coroutine, where nobody sees to it that the
    lambda is still there when the coroutine goes on: its captures live in the lambda.

    Safe is a lambda that is handed over uncalled, since whoever starts it keeps it, and a named one
    that is awaited where it is called."""
    code = without_directives(blank_out(text))
    for start, captures, body in lambdas(code):
        if not captures or not is_coroutine(body):
            continue
        end = code.index(body, start) + len(body)
        if re.match(r"\s*\(", code[end:]):
            yield line_at(code, start)
        named = re.search(r"(\w+)\s*=\s*$", code[:start])
        if named:
            for call in re.finditer(rf"(?<![\w.>:]){named[1]}\s*\(", code[end:]):
                before = code[:end + call.start()]
                if not re.search(r"\bco_await\s+$", before):
                    yield line_at(code, end + call.start())


def is_coroutine(body):
    """Whether this body of a lambda, those of lambdas in it aside, waits or returns as one."""
    for _, _, inner in list(lambdas(body)):
        body = body.replace(inner, "")
    return re.search(r"\bco_(await|return|yield)\b", body) is not None


def line_at(code, position):
    return code.count("\n", 0, position) + 1
