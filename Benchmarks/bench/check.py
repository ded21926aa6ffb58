"""Fails if the program needs more instructions than before. Unlike times, this can be checked on a busy machine."""

import json
import sys

from . import instructions, machine, subjects
from .paths import INSTRUCTIONS

TOLERANCE = 0.05
MOST_PROMPTS = 2  # that the most expensive body of 6 MB may cost
UPDATE = "If this is intended, save the new counts with `make bench-check UPDATE=1`."


def check(update):
    subject = subjects.with_names()
    dear = instructions.dear(subject)
    print("cost of bodies of 6 MB, in prompts of 6 MB:", ", ".join(f"{form} {ratio:.2f}" for form, ratio in dear))
    counts = instructions.count(subject) | instructions.count_bedrock(subjects.bedrock_with_names())
    counts |= instructions.count_cached(subjects.cached_with_names())
    counts |= instructions.count_users(subjects.users_with_names())
    share = instructions.record_share(counts)
    print(f"the record of a request: {share:.1%} of its instructions")
    bedrock = instructions.bedrock_ratio(counts)
    print(f"a stream from Bedrock: {bedrock:.2f} × a stream that is relayed")
    miss = instructions.miss_ratio(counts)
    print(f"a stream that isn't in the cache: {miss:.3f} × a stream without a cache")
    token = instructions.token_cost(counts, subject)
    print(f"a token that was verified before: {token:,} instructions more than a key")
    faults = [*_beyond(dear[0][1], share, bedrock, token)]
    if update:
        kept = {"tolerance": TOLERANCE, "versions": _versions(), "counts": counts}
        INSTRUCTIONS.write_text(json.dumps(kept, indent=4) + "\n")
        print(f"Saved in {INSTRUCTIONS.name}: {counts}")
    else:
        faults += _grown(counts, json.loads(INSTRUCTIONS.read_text()))
    if faults:
        sys.exit("\n".join(faults))


def _beyond(prompts, record, bedrock, token):
    """The bounds that don't depend on saved counts."""
    if prompts > MOST_PROMPTS:
        yield f"A body of 6 MB costs more than {MOST_PROMPTS} × a prompt of that size."
    if record > instructions.MOST_RECORD:
        yield f"A request's record costs {record:.1%} of the request, more than {instructions.MOST_RECORD:.1%}."
    if token > instructions.MOST_TOKEN:
        yield f"A verified token costs {token:,} instructions more than a key, more than {instructions.MOST_TOKEN:,}."
    if bedrock > instructions.MOST_BEDROCK:
        yield f"A stream from Bedrock costs {bedrock:.2f} × a relayed one, more than {instructions.MOST_BEDROCK} ×."


def _grown(counts, kept):
    grown = [name for name, count in counts.items() if _say(name, count, kept["counts"].get(name), kept["tolerance"])]
    if not grown:
        return
    here = _versions()
    others = [f"{there} (here {here.get(name)})" for name, there in kept["versions"].items() if here.get(name) != there]
    if others:
        yield f"The counts were taken with other versions: {', '.join(others)}"
    yield f"More instructions than before: {', '.join(grown)}. {UPDATE}"


def _say(name, count, before, tolerance):
    if before is None:
        print(f"{name}: {count:,} instructions; there is no saved count to compare with. {UPDATE}")
        return False
    change = count / before - 1
    print(f"{name}: {count:,} instructions, {change:+.1%} of {before:,}")
    if change < -tolerance:
        print(f"{name}: fewer. {UPDATE}")
    return change > tolerance


def _versions():
    found = machine.versions([])
    return {name: found[name] for name in ("Swift", "libcurl", "glibc", "valgrind") if name in found}
