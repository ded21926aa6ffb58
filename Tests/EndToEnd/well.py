"""Providers without faults, as behaviours of `many_upstreams`, and the bodies that they send.

Each answers requests for a stream and plain ones, with the request's name in the answer.
"""

import json

import answers
import wire
from many_upstreams import SSE

JSON = [("Content-Type", "application/json")]
DONE = answers.event("[DONE]")
PLAIN = json.dumps(answers.completion("NAME")).encode()
BIG = answers.event(answers.delta("x" * 16_000))
BLOCK = wire.chunk(BIG) * 10
STREAM = answers.stream_bytes("NAME.0", "NAME.1", "NAME.2")


def first_event(name):
    """What a stream has sent before something goes wrong."""
    return answers.event(answers.delta(f"{name}.0"))


def stream_body(name):
    return STREAM.replace(b"NAME", name.encode())


def plain_body(name):
    return PLAIN.replace(b"NAME", name.encode())


def whole(status, body, headers=JSON):
    return wire.head(f"HTTP/1.1 {status} X", [*headers, ("Content-Length", len(body))]) + body


def healthy(request):
    if request.is_stream:
        request.send(SSE + wire.chunk(stream_body(request.name)) + wire.LAST_CHUNK)
    else:
        request.send(whole(200, plain_body(request.name)))


def late(seconds, answer=healthy):
    """Is silent for so long, then sends this."""
    return lambda request: request.later(seconds, lambda: answer(request))


def pausing(seconds):
    """A stream that is silent for so long after its first event."""

    def behaviour(request):
        first = first_event(request.name)
        rest = stream_body(request.name).removeprefix(first)
        request.send(SSE + wire.chunk(first))
        request.later(seconds, lambda: request.send(wire.chunk(rest) + wire.LAST_CHUNK))

    return behaviour


class Paced:
    """A stream of numbered events, one every hundredth of a second, until `is_stopped`."""

    def __init__(self):
        self.is_stopped = False

    def __call__(self, request):
        request.send(SSE)
        self.tick(request, 0)

    def tick(self, request, number):
        if self.is_stopped:
            request.send(wire.chunk(DONE) + wire.LAST_CHUNK)
        else:
            request.send(wire.chunk(answers.event(answers.delta(f"{request.name} {number}"))))
            request.later(0.01, lambda: self.tick(request, number + 1))


class Flood:
    """So many blocks, as fast as they are read."""

    def __init__(self, blocks):
        self.blocks = blocks

    def __call__(self, request):
        request.send(SSE)
        self.more(request, self.blocks)

    def more(self, request, left):
        while left and request.connection.transport.get_write_buffer_size() < len(BLOCK):
            request.send(BLOCK)
            left -= 1
        if left:
            request.later(0.002, lambda: self.more(request, left))
        else:
            request.send(wire.chunk(DONE) + wire.LAST_CHUNK)

    @property
    def size(self):
        return self.blocks * 10 * len(BIG) + len(DONE)
