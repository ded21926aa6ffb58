"""What the proxy is to reach, as ratios in one run."""

import dataclasses
import statistics

from . import figures
from .subjects import FLOOR_NAME, GO, NODE, PROXY_NAME, PYTHON


@dataclasses.dataclass(frozen=True)
class Result:
    goal: str
    found: str
    is_met: bool | None  # None: can't be said


def results(samples):
    for what, figure in [
        ("cold start, warm page cache", figures.WARM_POLL),
        ("cold start, cold page cache", figures.COLD_POLL),
    ]:
        yield from _ratios(samples, what, figure, [(FLOOR_NAME, 1.5), (NODE, 1 / 5), (PYTHON, 1 / 10)])
    for what, figure in [("full speed", figures.FULL), ("10 ms apart", figures.PACED)]:
        others = [(FLOOR_NAME, 1.3), (NODE, 1 / 5), (PYTHON, 1 / 10), (GO, 1)]
        yield from _ratios(samples, f"processor time of 100 chunks, {what}", figure, others)
    for what, figure in [
        ("1 stream", figures.ONE_P50),
        ("100 streams", figures.HUNDRED_P50),
        ("1,000 streams", figures.THOUSAND_P50),
    ]:
        yield from _ratios(samples, f"added latency of a chunk, p50, {what}", figure, [(FLOOR_NAME, 1.5)])
    late = figures.THOUSAND_P99.median(samples, PROXY_NAME)
    yield _limit("added latency of a chunk, p99, 1,000 streams", late and late / 1000, 20, "ms")
    yield _limit("resident with one stream", figures.RESIDENT.median(samples, PROXY_NAME), 20, "MB")
    memory = figures.memory_per_stream(samples, PROXY_NAME)
    yield _limit("resident for each further stream", statistics.median(memory) if memory else None, 64, "KB")
    yield from _ratios(samples, "processor time with a prompt of 1 MB", figures.PROMPT, [(NODE, 1)])


def _ratios(samples, what, figure, others):
    for other, limit in others:
        ratio = figure.ratio(samples, PROXY_NAME, other)
        bound = f"{limit:.2g}" if limit >= 1 else f"1/{1 / limit:.0f}"
        goal = f"{what}: at most {bound} × {other}"
        found = "not measured" if ratio is None else f"{ratio:.2f} ×" if limit >= 1 else f"1/{1 / ratio:.1f}"
        yield Result(goal, found, None if ratio is None else ratio <= limit)


def _limit(what, value, limit, unit):
    found = "not measured" if value is None else f"{value:.1f} {unit}"
    return Result(f"{what}: at most {limit} {unit}", found, None if value is None else value <= limit)
