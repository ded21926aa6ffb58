"""The goals for the proxy, as ratios in one run."""

import dataclasses
import statistics

from . import figures, instructions
from .builds import BASE, MAKE_RUN, RELEASE
from .subjects import BEDROCK_NAME, FLOOR_NAME, GO, NODE, OWN_FLOOR_NAME, PROXY_NAME, PYTHON

# The parts of the keys in NOTES.md, which says why a goal is missed.
SHORT = {
    PROXY_NAME: "relayed",
    FLOOR_NAME: "floor",
    OWN_FLOOR_NAME: "own-floor",
    NODE: "node",
    PYTHON: "python",
    GO: "ferrogw",
}


@dataclasses.dataclass(frozen=True)
class Result:
    key: str
    goal: str
    found: str
    is_met: bool | None  # None: not measured


@dataclasses.dataclass(frozen=True)
class Times:
    """At most so many times what the other subject needs."""

    other: str
    limit: float
    words: str = ""  # for the other subject, if its name doesn't say what is compared

    def bound(self):
        return f"{self.limit:.3g} × {self.words or self.other}"

    def found(self, ratio):
        return f"{ratio:.2f} ×"


class Share(Times):
    """At most a part of what the other subject needs, written as 1/n."""

    def __init__(self, other, parts):
        super().__init__(other, 1 / parts)

    def bound(self):
        return f"1/{1 / self.limit:.3g} × {self.other}"

    def found(self, ratio):
        return f"1/{1 / ratio:.1f}"


def results(samples, facts):
    yield from _work(samples)
    yield from _latencies(samples)
    yield from _bedrock(samples, facts.counts[PROXY_NAME])
    yield _cache(facts.counts[PROXY_NAME])
    yield from _memory(samples)
    yield from _program(facts)
    yield from _builds(facts.builds)


def _work(samples):
    bounds = [Times(FLOOR_NAME, 0.65), Times(OWN_FLOOR_NAME, 1.4), Share(NODE, 5), Share(PYTHON, 15)]
    yield from _ratios(samples, "start-warm", "exec to the first poll, warm page cache", figures.WARM_POLL, bounds)
    what = "exec to the first byte of the first answer, cold page cache"
    yield from _ratios(samples, "start-cold", what, figures.COLD_BYTE, [Share(NODE, 5), Share(PYTHON, 5)])
    bounds = [Times(FLOOR_NAME, 1.5), Share(NODE, 8)]
    yield from _ratios(samples, "plain", "processor time of a plain answer of 2 KB", figures.PLAIN, bounds)
    for key, what, figure, limit in [
        ("full", "full speed", figures.FULL, 1.1),
        ("paced", "10 ms apart", figures.PACED, 1.15),
    ]:
        bounds = [Times(FLOOR_NAME, limit), Share(NODE, 4.5), Times(GO, 1)]
        yield from _ratios(samples, key, f"processor time of 100 chunks, {what}", figure, bounds)
    yield from _ratios(samples, "prompt", "processor time with a prompt of 1 MB", figures.PROMPT, [Times(NODE, 1)])
    ratio = figures.BULK.ratio(samples, PROXY_NAME, FLOOR_NAME)
    goal = f"throughput of 200 MB: at least 0.9 × {FLOOR_NAME}"
    yield _result("bulk-floor", goal, ratio, lambda found: f"{found:.2f} ×", lambda found: found >= 0.9)


def _latencies(samples):
    bounds = [Times(FLOOR_NAME, 1.4)]
    yield from _ratios(samples, "first-token", "added time to first token, p50", figures.FIRST_P50, bounds)
    for key, what, figure in [
        ("latency-1", "1 stream", figures.ONE_P50),
        ("latency-100", "100 streams", figures.HUNDRED_P50),
        ("latency-1000", "1,000 streams", figures.THOUSAND_P50),
    ]:
        yield from _ratios(samples, key, f"added latency of a chunk, p50, {what}", figure, [Times(FLOOR_NAME, 1.5)])
    late = figures.THOUSAND_P99.median(samples, PROXY_NAME)
    yield _limit("latency-1000-p99", "added latency of a chunk, p99, 1,000 streams", late and late / 1000, 20, "ms")


def _bedrock(samples, counts):
    """What signing and translating cost, compared with a stream of OpenAI's that is only relayed."""
    bounds = [Times(PROXY_NAME, instructions.MOST_BEDROCK, "a relayed stream")]
    for key, what, figure in [
        ("bedrock-full", "processor time of 100 events from Bedrock, full speed", figures.FULL),
        ("bedrock-paced", "processor time of 100 events from Bedrock, 10 ms apart", figures.PACED),
        ("bedrock-latency", "added latency of an event from Bedrock, p50, 1 stream", figures.ONE_P50),
    ]:
        yield from _ratios(samples, key, what, figure, bounds, BEDROCK_NAME)
    ratio = instructions.bedrock_ratio(counts)
    yield _ratio("bedrock-instructions", "instructions for 100 events from Bedrock", ratio, bounds[0])


def _cache(counts):
    """What it costs to look a stream up in vain, and to store it."""
    ratio = instructions.miss_ratio(counts) if instructions.MISS in counts else None
    bound = Times(PROXY_NAME, instructions.MOST_MISS, "one without a cache")
    goal = f"instructions for a stream that isn't in the cache: at most {bound.bound()}"
    return _result("cache-miss", goal, ratio, bound.found, lambda found: found <= bound.limit)


def _memory(samples):
    resident = figures.RESIDENT.median(samples, PROXY_NAME)
    yield _limit("resident", "resident memory with one stream", resident, 15, "MB")
    memory = figures.memory_per_stream(samples, PROXY_NAME)
    each = statistics.median(memory) if memory else None
    yield _limit("resident-stream", "resident memory for each further stream", each, 56, "KB")


def _program(facts):
    program = next((size for size in facts.sizes if size.name == PROXY_NAME), None)
    yield _limit("size", "size of the stripped program, with TLS", program and program.bytes / 1e6, 14, "MB")
    libraries = program and program.libraries
    goal = "shared libraries that the loader maps: at most 4"
    yield _result("libraries", goal, libraries, lambda found: f"{found}", lambda found: found <= 4)
    share = instructions.record_share(facts.counts[PROXY_NAME])
    most = instructions.MOST_RECORD
    goal = f"instructions for a request's record: at most {most:.1%} of the request's"
    yield _result("record", goal, share, lambda found: f"{found:.1%}", lambda found: found <= most)


def _builds(builds):
    for key, what, work, limit in [
        ("make-run", "`make run` from a fresh clone to the printed curl line", MAKE_RUN, 0.45),
        ("release-build", "release build from empty", RELEASE, 0.3),
    ]:
        ratio = builds.ratio(work, "wall") if builds else None
        base = builds.base if builds else BASE
        yield _result(
            key,
            f"{what}: at most {limit} × {base}",
            ratio,
            lambda found: f"{found:.2f} ×",
            lambda found, limit=limit: found <= limit,
        )


def _ratios(samples, key, what, figure, bounds, subject=PROXY_NAME):
    for bound in bounds:
        yield _ratio(key, what, figure.ratio(samples, subject, bound.other), bound)


def _ratio(key, what, ratio, bound):
    goal = f"{what}: at most {bound.bound()}"
    return _result(f"{key}-{SHORT[bound.other]}", goal, ratio, bound.found, lambda found: found <= bound.limit)


def _limit(key, what, value, limit, unit):
    goal = f"{what}: at most {limit} {unit}"
    return _result(key, goal, value, lambda found: f"{found:.1f} {unit}", lambda found: found <= limit)


def _result(key, goal, value, say, is_met):
    if value is None:
        return Result(key, goal, "not measured", None)
    return Result(key, goal, say(value), is_met(value))
