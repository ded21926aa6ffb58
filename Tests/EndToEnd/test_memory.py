"""Memory is bounded by the number of streams, not by what they carry."""

import answers
import calls
import programs
import pytest
import wire

MEGABYTE = 1024 * 1024
PIECE = answers.event(answers.delta("x" * 16_000))
PIECES = 200 * MEGABYTE // len(PIECE)
ALLOWED = 40 * MEGABYTE


def flood(exchange):
    exchange.start(200, answers.SSE)
    block = b"".join([wire.chunk(PIECE)] * 10)
    for _ in range(PIECES // 10):
        exchange.send(block)
    exchange.end()


@pytest.mark.timeout(60)
def test_a_long_answer_through_a_slow_reader_does_not_fill_the_memory(upstream, start, table):
    proxy = start(table)
    path, most, got = "/scripted/v1/chat/completions", 0, 0
    upstream.script(answers.plain({}), flood)
    calls.call(proxy.origin, "POST", path, calls.chat())
    (child,) = proxy.children
    with calls.opened(proxy.origin, "POST", path, calls.chat(stream=True), receive_buffer=16_384) as (_, pieces):
        for number, piece in enumerate(pieces):
            got += len(piece)
            if number % 100 == 0:
                most = max(most, programs.resident_bytes(child))
    assert got == PIECES // 10 * 10 * len(PIECE)
    assert most < ALLOWED, f"{most / MEGABYTE:.0f} MB"
    print(f"most: {most / MEGABYTE:.1f} MB")
