"""The report: docs/benchmarks.md between its two marks, and what a terminal shows."""

from runner.subject import BEST_PEER
from runner.verdict import judge, spread

BEGIN = "<!-- what was measured: begin -->"
END = "<!-- what was measured: end -->"


def number(value):
    """Three significant digits, thousands apart."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def _cell(spreads, contender, figure):
    value = spreads.get((contender, figure))
    if value is None:
        return ""
    return f"{number(value.middle)} ({number(value.least)}–{number(value.most)})"


def _table(rows):
    """Rows of a Markdown table, the first its head."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return lines


def _bound(target, against):
    word, bound = ("at most", target.at_most)
    if bound is None:
        word, bound = ("at least", target.at_least)
    if target.times is None:
        return f"{word} {number(bound)}"
    of = f"the best peer ({against})" if target.times == BEST_PEER else target.times
    return f"{word} {number(bound)} × {of}"


def _outcome(judged):
    if judged.reached is None:
        return "not measured", "–"
    unit = " ×" if judged.target.times else ""
    reached = number(judged.reached) + unit
    if judged.is_met:
        return reached, "yes"
    if judged.target.at_most is None:
        parts = judged.target.at_least, judged.reached
    else:
        parts = judged.reached, judged.target.at_most
    return reached, f"**no**, off by {number(parts[0] / parts[1])} ×" if parts[1] else "**no**"


def spreads_of(result):
    return {
        (entry["contender"], entry["figure"]): spread(entry["values"]) for entry in result["values"]
    }


def targets_of(subject, result):
    return judge(subject, spreads_of(result))


def _rows_of_targets(subject, result):
    rows = []
    for judged in targets_of(subject, result):
        target = judged.target
        title = subject.figures[target.figure].title
        rows.append([target.of, title, _bound(target, judged.against), *_outcome(judged)])
    return rows


def section(subject, result):
    """The figures of a subject, as lines."""
    spreads = spreads_of(result)
    figures = list(subject.figures.values())
    rows = [["", *(f"{figure.title}, {figure.unit}" for figure in figures)]]
    for contender in subject.contenders:
        if any((contender, figure.name) in spreads for figure in figures):
            cells = [_cell(spreads, contender, figure.name) for figure in figures]
            rows.append([contender, *cells])
    lines = [f"### {subject.title}", "", subject.work, "", *_table(rows)]
    lines += ["", f"{result['rounds']} rounds on {result['date']}, at {result['commit']}."]
    if result["missing"]:
        lines += ["", f"Not installed, hence skipped: {', '.join(result['missing'])}."]
    return lines


def targets(subject, result):
    """What a subject must reach and what it does, as lines; none where it must reach nothing."""
    rows = _rows_of_targets(subject, result)
    return _table([["of", "figure", "must be", "is", "reached"], *rows]) if rows else []


def document(subjects, results, machine):
    """All of what was measured, as Markdown."""
    measured = [subject for subject in subjects if subject.name in results]
    rows = []
    for subject in measured:
        of_subject = _rows_of_targets(subject, results[subject.name])
        rows += [[f"{subject.title}: {row[0]}", *row[1:]] for row in of_subject]
    met = sum(row[-1] == "yes" for row in rows)
    lines = ["## What must be reached", "", f"{met} of {len(rows)} targets were reached.", ""]
    lines += _table([["subject", "figure", "must be", "is", "reached"], *rows])
    lines += ["", "## Where it was measured", ""]
    lines += [f"- {name}: {value}" for name, value in machine]
    lines += ["", "## What was measured"]
    for subject in measured:
        lines += ["", *section(subject, results[subject.name])]
    return "\n".join(lines) + "\n"


def write(path, text):
    """Puts `text` between the marks of the document."""
    old = path.read_text()
    before, rest = old.split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")
