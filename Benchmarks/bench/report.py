"""RESULTS.md."""

from . import goals, reasons, scenarios, tables
from .builds import LIBRARY, MAKE_RUN, RELEASE
from .subjects import FLOOR_NAME, OWN_FLOOR_NAME, PROXY_NAME

HEAD = """\
# Results

`make bench` writes this file; don't edit it by hand. [README.md](README.md) says what is measured and how, and what the
peers leave out. A row has the median and the quartiles of its runs; each run is a new process. Subjects that are
compared were measured in the same round, within seconds."""


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
        "What is shipped, without interpreters. Shared libraries are those that the loader maps, including itself.",
        tables.size_table(facts.sizes),
        facts.image,
        *_builds(facts.builds),
        "## Instructions",
        "Counted by callgrind, in lock step: a start, and one invocation without the start.",
        _instructions(facts.counts),
        f"The functions that take the most of them in {PROXY_NAME}, for a stream:",
        tables.plain_table(["share", "function", "binary"], facts.profile),
        "## The harness itself",
        tables.own_table(samples),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _again(samples):
    titles = [scenarios.BY_NAME[name].title for name in samples.again]
    return f"Measured again after the rest, with all subjects alternating: {'; '.join(titles)}." if titles else ""


def _instructions(counts):
    proxy, floor = counts[PROXY_NAME], counts[FLOOR_NAME]
    own = counts.get(OWN_FLOOR_NAME, {})
    rows = [
        [name, f"{proxy[name]:,}"]
        + ([f"{floor[name]:,}", f"{proxy[name] / floor[name]:.2f} ×"] if name in floor else ["–", ""])
        + [f"{own[name]:,}" if name in own else "–"]
        for name in proxy
    ]
    return tables.plain_table(["", PROXY_NAME, FLOOR_NAME, f"relative to the {FLOOR_NAME}", OWN_FLOOR_NAME], rows)


def _builds(builds):
    if not builds:
        return ["## First builds", "Not measured. `make bench-builds` does it, in ten minutes on an idle machine."]
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
        f"From alternating fresh clones, by `make bench-builds` on {builds.date} on {builds.machine}.",
        tables.plain_table(["", builds.base, f"{builds.head} (this proxy)", "ratio"], rows),
        BUILDS_NOTE,
    ]


BUILDS_NOTE = """\
`make run` is timed from the command to the printed `curl` line, including its `.venv`. The release build is that of the
deployed program, in an empty folder. For both commits, Swift and Python packages come from the machine's caches.
libcurl is built once for each of Debian's versions, before the build of the program begins."""
