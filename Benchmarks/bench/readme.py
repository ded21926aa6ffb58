"""The table in the project's README."""

import re

from . import figures, tables
from .paths import ROOT
from .subjects import DIRECT, OWN_FLOOR_NAME, PROXY_NAME, TLS_NAME

FIGURES = [
    figures.WARM_POLL,
    figures.COLD_BYTE,
    figures.PLAIN,
    figures.FULL,
    figures.PACED,
    figures.PROMPT,
    figures.ONE_P50,
    figures.THOUSAND_P99,
    figures.RESIDENT,
]


def write(samples, subjects):
    path = ROOT / "README.md"
    begin, end = "<!-- bench: begin -->", "<!-- bench: end -->"
    table = f"{begin}\n\n{_table(samples, subjects)}\n\n{end}"
    path.write_text(re.sub(f"{begin}.*{end}", lambda _: table, path.read_text(), flags=re.DOTALL))


def _table(samples, subjects):
    names = [subject.name for subject in subjects if subject.name not in (DIRECT, TLS_NAME, OWN_FLOOR_NAME)]
    rows = [[_title(figure), *(_cell(figure, samples, name) for name in names)] for figure in FIGURES]
    return tables.plain_table(["", *(f"**{name}**" if name == PROXY_NAME else name for name in names)], rows)


def _title(figure):
    return f"{_KINDS.get(figure, '')}{figure.title}, {figure.unit}"


_KINDS = {
    **dict.fromkeys([figures.PLAIN, figures.FULL, figures.PACED, figures.PROMPT], "processor time, "),
    **dict.fromkeys([figures.ONE_P50, figures.THOUSAND_P99], "added latency of a chunk, "),
}


def _cell(figure, samples, name):
    value = figure.median(samples, name)
    return "–" if value is None else tables.number(value, figure.digits)
