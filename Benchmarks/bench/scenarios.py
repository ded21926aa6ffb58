"""The work for each subject: the harness's arguments."""

import dataclasses

MEGABYTES_OF_BULK = 200
BULK_CHUNK = 16 * 1024


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    arguments: tuple
    needs_root: bool = False
    is_for_some: bool = False  # only for the subjects that name it
    may_hit: bool = False  # a cache has all answers that are counted
    harder_than: str = ""  # a subject that failed that one isn't given this one

    @property
    def slow_arguments(self):
        """For a subject that takes ten seconds to start: one start per round is enough."""
        runs = self.arguments.index("--runs") + 1 if "--runs" in self.arguments else None
        return self.arguments if runs is None else (*self.arguments[:runs], "1", *self.arguments[runs + 1 :])


def _work(*arguments):
    return ("work", *(str(argument) for argument in arguments))


def _answers(*arguments):
    """A hundred answers, one after the other; the warm-up fills a cache."""
    return _work(*arguments, "--invocations", 100, "--warm-up", 40)


def _streams(count, interval, seconds):
    return _work("--streams", count, "--interval", interval, "--seconds", seconds)


ALL = [
    Scenario("warm", "start, warm page cache", ("start", "--runs", "5")),
    Scenario("cold", "start, cold page cache", ("start", "--runs", "2", "--cold"), needs_root=True),
    Scenario("full", "100 chunks at full speed", _work("--invocations", 100, "--warm-up", 40)),
    Scenario("paced", "100 chunks, 10 ms apart", _work("--interval", 10, "--invocations", 4, "--warm-up", 40)),
    Scenario("plain", "plain JSON of 2 KB", _work("--plain", "--invocations", 200, "--warm-up", 50)),
    Scenario(
        "prompt",
        "prompt of 1 MB",
        _work("--plain", "--prompt-bytes", 1_000_000, "--invocations", 20, "--warm-up", 10),
    ),
    Scenario(
        "first", "time to first token", _work("--lock-step", "--chunks", 2, "--invocations", 200, "--warm-up", 50)
    ),
    Scenario("hit-stream", "100 chunks, the same request again", _answers(), is_for_some=True, may_hit=True),
    Scenario("miss-stream", "100 chunks, a new request each time", _answers("--distinct"), is_for_some=True),
    Scenario("hit-plain", "plain JSON, the same request again", _answers("--plain"), is_for_some=True, may_hit=True),
    Scenario("miss-plain", "plain JSON, a new request each time", _answers("--plain", "--distinct"), is_for_some=True),
    Scenario("one", "1 stream, 10 ms", _streams(1, 10, 2)),
    Scenario("tls", "1 stream, 10 ms, TLS to the upstream", _streams(1, 10, 2), is_for_some=True),
    Scenario("hundred", "100 streams, 10 ms", _streams(100, 10, 2)),
    Scenario("thousand", "1,000 streams, 50 ms", _streams(1000, 50, 3), harder_than="hundred"),
    Scenario(
        "bulk",
        "200 MB in one answer",
        _work(
            *("--chunk-bytes", BULK_CHUNK, "--chunks", MEGABYTES_OF_BULK * 1_000_000 // BULK_CHUNK),
            *("--invocations", 1, "--warm-up", 1),
        ),
    ),
]

BY_NAME = {scenario.name: scenario for scenario in ALL}
