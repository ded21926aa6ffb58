"""The figures that are computed from the samples: each has a value for each round."""

import dataclasses
import statistics
from typing import Callable

from .subjects import DIRECT, FLOOR_NAME, PROXY_NAME


@dataclasses.dataclass(frozen=True)
class Figure:
    title: str
    scenario: str
    unit: str
    read: Callable
    digits: int = 0
    is_added: bool = False  # the difference to the same work without a proxy
    base: str = FLOOR_NAME  # the subject to which ratios are given

    def values(self, samples, subject):
        values = [self.read(sample) for sample in samples.of(subject, self.scenario)]
        if not self.is_added:
            return [value for value in values if value is not None]
        direct = [self.read(sample) for sample in samples.of(DIRECT, self.scenario)]
        return [value - without for value, without in zip(values, direct, strict=False)]

    def median(self, samples, subject):
        values = self.values(samples, subject)
        return statistics.median(values) if values else None

    def ratio(self, samples, subject, other):
        """The median of the ratios within each round: what disturbs a round disturbs both."""
        pairs = [*zip(self.values(samples, subject), self.values(samples, other), strict=False)]
        # An added time can be smaller than the noise: then a ratio means nothing, in either direction.
        if not pairs or any(base <= 0 for _, base in pairs):
            return None
        return statistics.median(value / base for value, base in pairs)


def member(*names):
    def read(sample):
        for name in names:
            sample = sample.get(name) if sample else None
        return sample

    return read


def _scaled(factor, *names):
    read = member(*names)
    return lambda sample: None if read(sample) is None else read(sample) * factor


def _start(title, scenario, name):
    return Figure(title, scenario, "ms", member(name), 1)


def _cpu(title, scenario, per="cpuPerInvocation", digits=0):
    return Figure(title, scenario, "µs", member(per), digits)


def _latency(title, scenario, share):
    return Figure(f"{title}, {share}", scenario, "µs", member("latency", share), is_added=True)


WARM_POLL = _start("exec to the first poll, warm page cache", "warm", "firstPoll")
COLD_BYTE = _start("exec to the first byte of the first answer, cold page cache", "cold", "firstByte")
FULL = _cpu("100 chunks at full speed", "full")
PACED = _cpu("100 chunks, 10 ms apart", "paced")
PLAIN = _cpu("one plain JSON answer of 2 KB", "plain")
PROMPT = _cpu("a prompt of 1 MB", "prompt")
ONE_TITLE, HUNDRED_TITLE, THOUSAND_TITLE = (
    f"{streams}, a chunk every {interval} ms"
    for streams, interval in [("1 stream", 10), ("100 streams", 10), ("1,000 streams", 50)]
)
ONE_P50, ONE_P99 = (_latency(ONE_TITLE, "paced", share) for share in ("p50", "p99"))
HUNDRED_P50, HUNDRED_P99 = (_latency(HUNDRED_TITLE, "hundred", share) for share in ("p50", "p99"))
THOUSAND_P50, THOUSAND_P99 = (_latency(THOUSAND_TITLE, "thousand", share) for share in ("p50", "p99"))
FIRST_P50, FIRST_P99 = (
    Figure(f"warm process, {share}", "first", "µs", member("firstChunk", share), is_added=True)
    for share in ("p50", "p99")
)
HIT_STREAM, MISS_STREAM, HIT_PLAIN, MISS_PLAIN = (
    {
        "first": Figure(f"{title}: time to first token, p50", name, "µs", member("firstChunk", "p50"), base=PROXY_NAME),
        "cpu": Figure(f"{title}: processor time", name, "µs", member("cpuPerInvocation"), base=PROXY_NAME),
    }
    for name, title in [
        ("hit-stream", "100 chunks at full speed, the same request again"),
        ("miss-stream", "100 chunks at full speed, a new request each time"),
        ("hit-plain", "one plain JSON answer of 2 KB, the same request again"),
        ("miss-plain", "one plain JSON answer of 2 KB, a new request each time"),
    ]
)
BULK = Figure("200 MB in one stream", "bulk", "MB/s", _scaled(1e-6, "bytesPerSecond"))
RESIDENT = Figure("resident memory with one stream", "one", "MB", _scaled(1e-6, "residentBytes"), 1)

SECTIONS = {
    "Start": [
        WARM_POLL,
        _start("the first invocation: event to first byte", "warm", "firstInvocation"),
        _start("exec to the first byte of the first answer, warm", "warm", "firstByte"),
        _start("exec to the first poll, cold page cache", "cold", "firstPoll"),
        COLD_BYTE,
    ],
    "Processor time for an invocation (user and system)": [
        FULL,
        PACED,
        PLAIN,
        PROMPT,
    ],
    "Processor time for a chunk": [
        _cpu("100 chunks at full speed", "full", "cpuPerChunk", 1),
        _cpu("100 chunks, 10 ms apart", "paced", "cpuPerChunk", 1),
        _cpu(HUNDRED_TITLE, "hundred", "cpuPerChunk", 1),
        _cpu(THOUSAND_TITLE, "thousand", "cpuPerChunk", 1),
    ],
    "Added latency of a chunk, compared with a direct connection": [
        ONE_P50,
        ONE_P99,
        HUNDRED_P50,
        HUNDRED_P99,
        THOUSAND_P50,
        THOUSAND_P99,
    ],
    "Added time to first token": [FIRST_P50, FIRST_P99],
    "The response cache": [
        figure for scenario in (HIT_STREAM, MISS_STREAM, HIT_PLAIN, MISS_PLAIN) for figure in scenario.values()
    ],
    "Bulk and memory": [
        BULK,
        Figure("peak resident memory during that", "bulk", "MB", _scaled(1e-6, "peakResidentBytes"), 1),
        RESIDENT,
        Figure("resident memory with one stream, TLS to the upstream", "tls", "MB", _scaled(1e-6, "residentBytes"), 1),
        Figure("resident memory with 1,000 streams", "thousand", "MB", _scaled(1e-6, "residentBytes"), 1),
    ],
}

# The harness's own processor time, and the latency of its chunks with nothing in between.
OWN = [
    Figure(f"{title}: {what}", scenario, "µs", read, 1)
    for scenario, title in [
        ("full", "100 chunks at full speed"),
        ("paced", ONE_TITLE),
        ("hundred", HUNDRED_TITLE),
        ("thousand", THOUSAND_TITLE),
    ]
    for what, read in [
        ("processor time for a chunk", member("harnessCPUPerChunk")),
        ("latency, p50", member("latency", "p50")),
        ("latency, p99", member("latency", "p99")),
    ]
]


def memory_per_stream(samples, subject):
    """KB for each stream beyond the first."""
    pairs = zip(samples.of(subject, "thousand"), samples.of(subject, "one"), strict=False)
    read = member("residentBytes")
    return [(read(many) - read(one)) / 999 / 1000 for many, one in pairs if read(many) and read(one)]
