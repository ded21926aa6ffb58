"""Faults of model providers, as behaviours of `many_upstreams`.

Each handles requests for a stream and plain ones.
"""

import wire
from many_upstreams import SSE
from well import JSON, first_event, healthy

DRIP_SECONDS = 0.02
DRIP = b"data: {}\n\n"  # So short that some are complete before the timeout.
ENDLESS = 16 * 1024 * 1024  # Bytes: the most that is sent of something endless.
# More than all buffers on the way hold: once it has been read, the caller has the beginning of the response.
HALF = b'{"id": "%s", "cho' % (b"x" * 1024 * 1024)
LONGER = wire.head("HTTP/1.1 200 OK", [*JSON, ("Content-Length", 2 * len(HALF))])


def begin(request, then=lambda: None):
    """Send the first event of a stream, or half of a plain response; go on when the caller has its beginning."""
    if request.is_stream:
        request.send(SSE + wire.chunk(first_event(request.name)))
        then()
    else:
        request.send(LONGER + HALF)
        request.when_taken(then)


def reset_before_head(request):
    request.connection.reset()


def stall_before_head(request):
    pass


def stall_midway(request):
    begin(request)


def reset_midway(request):
    begin(request, request.connection.reset)


def reset_after_head(request):
    """The first attempt ends before anything can be known from its bytes; the next ones are answered."""
    if request.attempt == 1:
        request.send(SSE if request.is_stream else LONGER + b"{ ")
        request.connection.reset()
    else:
        healthy(request)


def end_early(request):
    """A stream without [DONE], or a plain response that is shorter than it says."""
    if request.is_stream:
        begin(request, lambda: request.send(wire.LAST_CHUNK))
    else:
        begin(request, request.connection.close)


def garbage_head(request):
    request.send(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
    request.connection.close()


def endless_head(request):
    """Header lines as fast as they are read."""
    line = b"X-Filler: " + b"x" * 1000 + b"\r\n"
    sent = 0

    def more():
        nonlocal sent
        if request.connection.transport.get_write_buffer_size() == 0:
            request.send(line * 16)
            sent += 16 * len(line)
        if sent < ENDLESS:
            request.later(0.001, more)

    request.send(b"HTTP/1.1 200 OK\r\n")
    more()


def drip(request):
    """One byte at a time, forever: a stream's events, or spaces in a plain response."""
    endless = DRIP if request.is_stream else b" "
    sent = 0

    def more():
        nonlocal sent
        byte = endless[sent % len(endless)].to_bytes(1, "big")
        request.send(wire.chunk(byte) if request.is_stream else byte)
        sent += 1
        request.later(DRIP_SECONDS, more)

    if request.is_stream:
        request.send(SSE + wire.chunk(first_event(request.name)))
    else:
        request.send(wire.head("HTTP/1.1 200 OK", [*JSON, ("Content-Length", ENDLESS)]))
    more()
