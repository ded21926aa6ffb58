"""Samples as Markdown."""

import statistics

from . import figures
from .subjects import DIRECT, FLOOR_NAME, PROXY_NAME

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
        (subject.name, figure.values(samples, subject.name), figure.ratio(samples, subject.name, FLOOR_NAME))
        for subject in subjects
        if not (figure.is_added and subject.name == DIRECT)
    ]
    faults = [
        [subject.name, samples.faults[subject.name, figure.scenario].splitlines()[0], "", "", ""]
        for subject in subjects
        if (subject.name, figure.scenario) in samples.faults
    ]
    return rows_table(rows, figure.digits, faults)


def own_table(samples):
    rows = [(figure.title, figure.values(samples, DIRECT)) for figure in figures.OWN]
    return plain_table(
        ["the harness alone, µs", "median", "quartiles", "runs"], [_row(*row, 1) for row in rows if row[1]]
    )


def rows_table(rows, digits, extra=()):
    """Rows of a name, its values, and the ratio to the floor."""
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
    return plain_table(["", "median", "quartiles", "runs", "relative to the floor"], [*cells, *extra])


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
