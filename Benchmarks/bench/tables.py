"""Samples as Markdown."""

import statistics

from . import figures
from .subjects import DIRECT, FLOOR_NAME, PROXY_NAME

BASES = {FLOOR_NAME: "the floor", PROXY_NAME: PROXY_NAME}
NOTES = {
    "The response cache": """\
`this proxy` has its cache switched off, and is what the ratios refer to. Subjects with a cache answer the same request
from it; a new request misses it, is sent to the upstream, and its answer is stored. Each layer is measured alone. The
upstream answers at once, where a model takes seconds: a hit saves all of that time, which isn't counted here. DynamoDB
is played by moto on loopback, and the time to first token in its rows is mostly moto's; the processor time is the
proxy's own.""",
}

MARKS = {True: "met", False: "**missed**", None: "not measured"}


def goal_table(results, reasons):
    lacking = "**missed, no reason given**"
    rows = [
        [
            result.goal,
            result.found,
            lacking if result.is_met is False and not reasons.get(result.key) else MARKS[result.is_met],
        ]
        for result in results
    ]
    return plain_table(["goal", "result", ""], rows)


def sections(samples, subjects):
    for title, members in figures.SECTIONS.items():
        yield f"## {title}"
        if title in NOTES:
            yield NOTES[title]
        for figure in members:
            table = figure_table(samples, subjects, figure)
            if table:
                yield f"**{figure.title}**, {figure.unit}"
                yield table
        if title.startswith("Bulk"):
            yield "**resident memory of each further stream**, KB"
            rows = [(s.name, figures.memory_per_stream(samples, s.name), None) for s in subjects]
            yield rows_table(rows, 1)


def figure_table(samples, subjects, figure):
    rows = [
        (subject.name, figure.values(samples, subject.name), figure.ratio(samples, subject.name, figure.base))
        for subject in subjects
        if not (figure.is_added and subject.name == DIRECT)
    ]
    faults = [
        [subject.name, samples.faults[subject.name, figure.scenario].splitlines()[0], "", "", ""]
        for subject in subjects
        if (subject.name, figure.scenario) in samples.faults
    ]
    return rows_table(rows, figure.digits, faults, figure.base)


def own_table(samples):
    rows = [(figure.title, figure.values(samples, DIRECT)) for figure in figures.OWN]
    return plain_table(
        ["the harness alone, µs", "median", "quartiles", "runs"], [_row(*row, 1) for row in rows if row[1]]
    )


def rows_table(rows, digits, extra=(), base=FLOOR_NAME):
    """Rows of a name, its values, and the ratio to the floor or another subject."""
    cells = [
        [
            *_row(f"**{name}**" if name == PROXY_NAME else name, values, digits),
            "" if ratio is None else f"{ratio:.2f} ×",
        ]
        for name, values, ratio in rows
        if values
    ]
    if not cells and not extra:
        return None
    return plain_table(["", "median", "quartiles", "runs", f"relative to {BASES[base]}"], [*cells, *extra])


def _row(name, values, digits):
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return [name, number(middle, digits), f"{number(low, digits)} to {number(high, digits)}", str(len(values))]


def number(value, digits):
    return f"{value:,.{digits}f}"


def median(values):
    return number(statistics.median(values), 0) if values else "–"


def size_table(sizes):
    rows = [
        [size.name, f"{size.bytes:,}", size.what, "" if size.libraries is None else str(size.libraries)]
        for size in sizes
    ]
    return plain_table(["", "bytes", "what", "shared libraries"], rows)


def plain_table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
