"""Memory is bounded by the number of streams, not by what they carry."""

import time

import answers
import calls
import programs
import pytest
import wire

MEGABYTE = 1024 * 1024
EVENT = answers.event(answers.delta("x" * 16_000))
DONE = answers.event("[DONE]")
BLOCK = wire.chunk(EVENT) * 10
BLOCKS = 200 * MEGABYTE // len(BLOCK)
CHAT = "/scripted/v1/chat/completions"
ALLOWED = 40 * MEGABYTE  # Of which an idle debug build needs half.


class Flood:
    """200 MB of events, as fast as they are read."""

    def __init__(self):
        self.sent = 0

    def __call__(self, exchange):
        exchange.start(200, answers.SSE)
        for _ in range(BLOCKS):
            exchange.send(BLOCK)
            self.sent += len(BLOCK)
        exchange.chunk(DONE)
        exchange.end()

    def stalls(self):
        """Wait until nothing more has been read for a while; return how much has."""
        before = -1
        while self.sent != before:
            before = self.sent
            time.sleep(0.5)
        return before


@pytest.fixture
def flooded(upstream, start, table):
    """A new proxy in the middle of a long response that nobody reads: its process, the flood, and the response."""
    proxy = start(table)
    flood = Flood()
    upstream.script(answers.plain({}), flood)
    calls.call(proxy.origin, "POST", CHAT, calls.chat())
    (child,) = proxy.children
    with calls.opened(proxy.origin, "POST", CHAT, calls.chat(stream=True), receive_buffer=16_384) as (_, pieces):
        yield child, flood, pieces


def test_a_reader_that_pauses_also_pauses_the_upstream(flooded):
    child, flood, _ = flooded
    assert flood.stalls() < 50 * MEGABYTE
    assert programs.resident_bytes(child) < ALLOWED


def test_a_long_response_does_not_fill_the_memory(flooded):
    child, _, pieces = flooded
    most = got = 0
    for number, piece in enumerate(pieces):
        got += len(piece)
        if number % 100 == 0:
            most = max(most, programs.resident_bytes(child))
    assert got == BLOCKS * 10 * len(EVENT) + len(DONE)
    assert most < ALLOWED, f"{most / MEGABYTE:.0f} MB"
