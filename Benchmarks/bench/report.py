"""RESULTS.md."""

from . import goals, reasons, scenarios, tables
from .builds import LIBRARY, MAKE_RUN, RELEASE
from .subjects import FLOOR_NAME, OWN_FLOOR_NAME, PROXY_NAME

HEAD = """\
# Results

Written by `make bench`; not edited by hand. What is measured, how, and what the peers leave out:
[README.md](README.md). A row's value is the median of its runs, each of them a process of its own; the quartiles are
theirs. What is compared was measured in the same round, within seconds."""


def report(samples, subjects, facts, why):
    """`why` has the reasons by the key of the goal."""
    results = [*goals.results(samples, facts)]
    parts = [
        HEAD,
        reasons.warning(results, why),
        *facts.machine,
        "\n".join(f"- {line}" for line in facts.skipped),
        _again(samples),
        "## Goals",
        tables.goal_table(results, why),
        reasons.text(results, why),
        *tables.sections(samples, subjects),
        "## Size",
        "What is shipped, interpreters apart. Shared libraries are what the loader maps, itself counted.",
        tables.size_table(facts.sizes),
        facts.image,
        *_builds(facts.builds),
        "## Instructions",
        "Counted by callgrind, in lock step: a start, and one invocation beyond it.",
        _instructions(facts.counts),
        f"Where those of {PROXY_NAME}'s streams go:",
        tables.plain_table(["share", "function", "in"], facts.profile),
        "## The harness itself",
        tables.own_table(samples),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _again(samples):
    titles = [scenarios.BY_NAME[name].title for name in samples.again]
    return f"Measured again by itself, all subjects in turns, after the others: {', '.join(titles)}." if titles else ""


def _instructions(counts):
    proxy, floor = counts[PROXY_NAME], counts[FLOOR_NAME]
    own = counts.get(OWN_FLOOR_NAME, {})
    rows = [
        [name, f"{proxy[name]:,}", f"{floor[name]:,}", f"{proxy[name] / floor[name]:.2f} ×"]
        + [f"{own[name]:,}" if name in own else "–"]
        for name in proxy
    ]
    return tables.plain_table(["", PROXY_NAME, FLOOR_NAME, f"of the {FLOOR_NAME}", OWN_FLOOR_NAME], rows)


def _builds(builds):
    if not builds:
        return ["## First builds", "Not measured: `make bench-builds` does, in about ten minutes on a quiet machine."]
    rows = []
    for work in (MAKE_RUN, RELEASE, LIBRARY):
        for clock, title in [("wall", "s"), ("cpu", "s of processor time")]:
            base, head = (builds.seconds(revision, work, clock) for revision in (builds.base, builds.head))
            if base or head:
                ratio = builds.ratio(work, clock)
                cells = [tables.median(base), tables.median(head), "" if ratio is None else f"{ratio:.2f} ×"]
                rows.append([f"{work}, {title}", *cells])
    return [
        "## First builds",
        f"From fresh clones, in turns, by `make bench-builds` on {builds.date} on {builds.machine}.",
        tables.plain_table(["", builds.base, f"{builds.head} (this proxy)", "ratio"], rows),
        BUILDS_NOTE,
    ]


BUILDS_NOTE = """\
`make run` goes from the command to the printed `curl` line, and makes its `.venv` itself, in both. The release build is
that of the program that is deployed, in an empty folder. Packages of Swift and Python come from the machine's caches in
both. libcurl is built once for each version that Debian has, and is there when the program's build begins."""
