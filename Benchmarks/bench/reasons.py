"""Why goals are missed: NOTES.md, written by hand, with a section for each reason.

A section's heading has the keys of the goals that it explains: `## paced-node full-node`. A goal that is met needs no
reason; for one that is missed without a reason, the report begins with a warning.
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
    """The warning at the top of the report, or an empty string."""
    open_goals = lacking(results, reasons)
    if not open_goals:
        return ""
    goals = "\n".join(f"> - {result.goal} (`{result.key}`)" for result in open_goals)
    return f"> **Not to be published: a missed goal needs a reason in NOTES.md. There is none for:**\n>\n{goals}"


def text(results, reasons):
    """Each reason, after the goals that it explains."""
    missed = {}
    for result in results:
        if result.is_met is False and reasons.get(result.key):
            missed.setdefault(reasons[result.key], []).append(f"**{result.goal}** ({result.found})")
    if not missed:
        return ""
    parts = (f"{'; '.join(goals)}:\n\n{why}" for why, goals in missed.items())
    return "\n\n".join(["## Missed goals, and why", *parts])


def stale(results, reasons):
    """Keys in NOTES.md that belong to no goal: misspelled, or of a goal that was removed."""
    return sorted(reasons.keys() - {result.key for result in results})
