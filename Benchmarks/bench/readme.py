"""The tables in the project's README and on docs/benchmarks.md."""

import re

from . import figures, tables
from .paths import ROOT
from .subjects import BEDROCK_NAME, CACHES, DIRECT, OWN_FLOOR_NAME, PROXY_NAME, TLS_NAME

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"

PAGES = {
    "README.md": [figures.COLD_BYTE, figures.PACED, figures.ONE_P50, figures.RESIDENT],
    "docs/benchmarks.md": [
        figures.WARM_POLL,
        figures.COLD_BYTE,
        figures.PLAIN,
        figures.FULL,
        figures.PACED,
        figures.PROMPT,
        figures.ONE_P50,
        figures.THOUSAND_P99,
        figures.RESIDENT,
    ],
}


def write(samples, subjects):
    for name, shown in PAGES.items():
        path = ROOT / name
        path.write_text(page(path.read_text(), table(shown, samples, subjects)))


def page(text, table):
    """The page, with this table instead of the one between the marker lines."""
    return re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n\n{table}\n\n{END}", text, flags=re.DOTALL)


def table(shown, samples, subjects):
    hidden = (DIRECT, TLS_NAME, BEDROCK_NAME, OWN_FLOOR_NAME, *CACHES)
    names = [subject.name for subject in subjects if subject.name not in hidden]
    rows = [[title(figure), *(_cell(figure, samples, name) for name in names)] for figure in shown]
    return tables.plain_table(["", *(f"**{name}**" if name == PROXY_NAME else name for name in names)], rows)


def title(figure):
    return f"{_KINDS.get(figure, '')}{figure.title}, {figure.unit}"


_KINDS = {
    **dict.fromkeys([figures.PLAIN, figures.FULL, figures.PACED, figures.PROMPT], "processor time, "),
    **dict.fromkeys([figures.ONE_P50, figures.THOUSAND_P99], "added latency of a chunk, "),
}


def _cell(figure, samples, name):
    value = figure.median(samples, name)
    return "–" if value is None else tables.number(value, figure.digits)
