"""RESULTS.md."""

from . import machine, scenarios, tables
from .paths import BENCHMARKS
from .subjects import FLOOR_NAME, PROXY_NAME

HEAD = """\
# Results

Written by `make bench`; not edited by hand. What is measured, how, and what the peers leave out:
[README.md](README.md). A row's value is the median of its runs, each of them a process of its own; the quartiles are
theirs. What is compared was measured in the same round, within seconds."""


def report(samples, subjects, skipped, counts, profile, sizes, image):
    notes = BENCHMARKS / "NOTES.md"
    parts = [
        HEAD,
        *machine.lines(subjects),
        "\n".join(f"- {line}" for line in skipped),
        _again(samples),
        "## Goals",
        tables.goal_table(samples),
        notes.read_text().strip() if notes.exists() else "",
        *tables.sections(samples, subjects),
        "## Size",
        "What is shipped, interpreters apart.",
        tables.size_table(sizes),
        image,
        "## Instructions",
        "Counted by callgrind, in lock step: a start, and one invocation beyond it.",
        _instructions(counts),
        f"Where those of {PROXY_NAME}'s streams go:",
        tables.plain_table(["share", "function", "in"], profile),
        "## The harness itself",
        tables.own_table(samples),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _again(samples):
    titles = [scenarios.BY_NAME[name].title for name in samples.again]
    return f"Measured again by itself, all subjects in turns, after the others: {', '.join(titles)}." if titles else ""


def _instructions(counts):
    proxy, floor = counts[PROXY_NAME], counts[FLOOR_NAME]
    rows = [[name, f"{proxy[name]:,}", f"{floor[name]:,}", f"{proxy[name] / floor[name]:.2f} ×"] for name in proxy]
    return tables.plain_table(["", PROXY_NAME, FLOOR_NAME, "of the floor"], rows)
