"""Endless or meaningless responses have a clear outcome in bounded memory, and the next request is served."""

import contextlib
import json
import threading

import answers
import calls
import programs
import pytest
import wire

MEGABYTE = 1024 * 1024
CHAT = "/scripted/v1/chat/completions"
ALLOWED = 12 * MEGABYTE  # In addition to the idle process: 1 MB of an event is held, in an array that grows.
PIECE = b"x" * 64 * 1024
HUGE = 30 * MEGABYTE


def until_refused(exchange, start, piece, size):
    """Send so many bytes, or until the other side leaves."""
    with contextlib.suppress(OSError):
        exchange.send(start)
        for _ in range(size // len(piece)):
            exchange.send(piece)
    exchange.close()


def first_line(exchange):
    until_refused(exchange, b"HTTP/1.1 200 ", PIECE, 100 * MEGABYTE)


def header_line(exchange):
    until_refused(exchange, b"HTTP/1.1 200 OK\r\nX-Filler: ", PIECE, 100 * MEGABYTE)


def header_lines(exchange):
    until_refused(exchange, b"HTTP/1.1 200 OK\r\n", b"X-Filler: x\r\n" * 5000, 100 * MEGABYTE)


def interim_heads(exchange):
    until_refused(exchange, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2000, 100 * MEGABYTE)


def huge_event(exchange):
    exchange.start(200, answers.SSE)
    until_refused(exchange, wire.chunk(b'data: {"id":"'), wire.chunk(PIECE), HUGE)


def huge_error(exchange):
    head = wire.head("HTTP/1.1 400 Bad Request", [*answers.JSON, ("Content-Length", 100 * MEGABYTE)])
    until_refused(exchange, head, PIECE, 100 * MEGABYTE)


def chunked_nonsense(exchange):
    exchange.start(200, answers.SSE)
    exchange.send(wire.chunk(answers.event(answers.delta("x"))) + b"zz\r\nhello\r\n")
    exchange.close()


def huge_chunk(exchange):
    exchange.start(200, answers.SSE)
    exchange.send(b"f" * 20 + b"\r\nhello")
    exchange.close()


def compressed(exchange):
    exchange.answer(200, [*answers.SSE, ("Content-Encoding", "gzip")], b"\x1f\x8b\x08\x00" * 100)


OUTCOMES = [
    (first_line, 502, "upstream_malformed"),
    (header_line, 502, "upstream_malformed"),
    (header_lines, 502, "upstream_malformed"),
    (interim_heads, 502, "upstream_malformed"),
    (huge_error, 400, None),
    (chunked_nonsense, 200, "upstream_disconnected"),
    (huge_chunk, 200, "upstream_disconnected"),
    (compressed, 502, "upstream_encoded"),
]


@pytest.fixture(scope="module")
def bounded(start, table):
    """One process for all tests, so that what one leaves behind shows up in the next."""
    return start(table, "--managed-instance", "--concurrency", 2)


@pytest.mark.parametrize(("fault", "status", "code"), OUTCOMES, ids=[fault.__name__ for fault, _, _ in OUTCOMES])
def test_endless_or_meaningless_responses_are_refused_in_bounded_memory(upstream, bounded, fault, status, code):
    upstream.script(answers.plain({}))
    assert calls.call(bounded.origin, "POST", CHAT, calls.chat()).status == 200
    (child,) = bounded.children
    idle = programs.peak_bytes(child)
    upstream.script(fault)
    answer = calls.call(bounded.origin, "POST", CHAT, calls.chat(stream=True))
    assert answer.status == status
    assert error(answer)["code"] == code
    assert programs.peak_bytes(child) - idle < ALLOWED
    upstream.script(answers.stream("fine"))
    assert calls.call(bounded.origin, "POST", CHAT, calls.chat(stream=True)).body == answers.stream_bytes("fine")


def test_an_endless_event_passes_in_bounded_memory_until_it_is_cut_off(upstream, bounded):
    upstream.script(answers.plain({}), huge_event)
    assert calls.call(bounded.origin, "POST", CHAT, calls.chat()).status == 200
    (child,) = bounded.children
    idle, got = programs.peak_bytes(child), 0
    with (
        pytest.raises(wire.Disconnected),
        calls.opened(bounded.origin, "POST", CHAT, calls.chat(stream=True)) as (_, pieces),
    ):
        for piece in pieces:
            got += len(piece)
    assert got > HUGE - MEGABYTE  # The bytes that libcurl had not yet sent are lost with the connection.
    assert programs.peak_bytes(child) - idle < ALLOWED


def error(answer):
    """The error that is the whole body, or the stream's last event."""
    last = answer.body.rsplit(b"data: ", 1)[-1]
    return json.loads(last)["error"]


def test_a_burst_after_an_early_response_arrives_complete(upstream, start):
    """Much more than the buffers hold, all at once, after the response to the caller has begun."""
    proxy = start(f'slow: {{url: "{upstream.origin}/v1", keepalive_seconds: 0.2}}\nsettings: {{allow_anonymous: true}}')
    burst = answers.stream_bytes(*["x" * 200] * 4000)
    spoken = threading.Event()

    def script(exchange):
        exchange.wait(spoken)
        exchange.answer(200, answers.SSE, burst)

    upstream.script(script)
    with calls.opened(proxy.origin, "POST", "/slow/v1/chat/completions", calls.chat(stream=True)) as (_, pieces):
        body = next(pieces)
        spoken.set()
        body += b"".join(pieces)
    assert body.replace(b": keepalive\n", b"") == burst
