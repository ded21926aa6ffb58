"""Why goals are missed: NOTES.md, by hand, a section for each reason.

A section's heading has the keys of the goals that it is about: `## paced-node full-node`. Of a goal that is met
nothing is said; one that is missed and has no reason is called out, wherever the report is read first.
"""

import re

from .paths import NOTES


def load(path=NOTES):
    """The text for each key, in the order of the file."""
    parts = re.split(r"^## (.+)\n", path.read_text(), flags=re.MULTILINE)
    sections = zip(parts[1::2], parts[2::2], strict=True)
    return {key: text.strip() for heading, text in sections for key in heading.split()}


def lacking(results, reasons):
    return [result for result in results if result.is_met is False and not reasons.get(result.key)]


def warning(results, reasons):
    """What the report begins with, if anything."""
    open_goals = lacking(results, reasons)
    if not open_goals:
        return ""
    goals = "\n".join(f"> - {result.goal} (`{result.key}`)" for result in open_goals)
    return f"> **Not to be published: a missed goal needs a reason in NOTES.md. There is none for:**\n>\n{goals}"


def text(results, reasons):
    """Each reason, behind the goals that it is about."""
    missed = {}
    for result in results:
        if result.is_met is False and reasons.get(result.key):
            missed.setdefault(reasons[result.key], []).append(f"**{result.goal}** ({result.found})")
    if not missed:
        return ""
    parts = (f"{'; '.join(goals)}:\n\n{why}" for why, goals in missed.items())
    return "\n\n".join(["## Where a goal is missed, and why", *parts])


def stale(results, reasons):
    """Keys of NOTES.md that are no goal's: misspelt, or of a goal that is gone."""
    return sorted(reasons.keys() - {result.key for result in results})
