"""Upstreams that send unrequested bytes on kept connections, as behaviours of `many_upstreams`."""

import asyncio
import pathlib
import socket
import sys

import wire
from many_upstreams import SSE
from well import healthy, plain_body, stream_body, whole

TIMEOUT = whole(408, b'{"error":{"message":"Too slow."}}')
STRAYS = {
    "a whole answer": whole(200, plain_body("stray")),
    "half an answer": whole(200, plain_body("stray"))[:-20],
    "a chunked answer": wire.head("HTTP/1.1 200 OK", [("Transfer-Encoding", "chunked")])
    + wire.chunk(plain_body("stray"))
    + wire.LAST_CHUNK,
    "an unasked 408": TIMEOUT,
    "a line end": b"\r\n",
    "one byte": b"H",
    "many bytes": b"\0" * 100_000,
}


class WritesBehind:
    """Answers correctly, and writes something after each response: `joined` to it, or when `write` is called."""

    def __init__(self, stray, joined=False):
        self.stray = stray
        self.joined = joined

    def __call__(self, request):
        self.request = request
        if self.joined:
            send, parts = request.connection.send, []
            request.connection.send = parts.append
            healthy(request)
            request.connection.send = send
            request.send(b"".join(parts) + self.stray)
        else:
            healthy(request)

    async def write(self):
        """Return when the other side's kernel has received everything, or the connection has closed."""
        if not self.joined:
            self.request.send(self.stray)
        await taken(self.request.connection)


async def taken(connection):
    """Wait until everything written to a connection has been sent, and the other side's kernel has received it.

    Return at once if the connection has closed.
    """
    while not connection.transport.is_closing() and (connection.unsent or connection.postponed):
        await asyncio.sleep(0.001)


async def read(connection):
    """Wait until the other side has read everything that was sent, according to the kernel's list of sockets."""
    await taken(connection)
    address, port = connection.transport.get_extra_info("peername")
    local = f"{int.from_bytes(socket.inet_aton(address), sys.byteorder):08X}:{port:04X}"
    while True:
        fields = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()]
        queues = [line[4] for line in fields if line[1] == local]
        if not any(int(queue.partition(":")[2], 16) for queue in queues):
            return
        await asyncio.sleep(0.001)


def random_stray(random, name):
    """Something like a response to another caller, complete or not, or nothing like one."""
    whole_answers = [
        whole(200, plain_body(name)),
        wire.head("HTTP/1.1 200 OK", [("Transfer-Encoding", "chunked")]) + wire.chunk(plain_body(name)),
        SSE + wire.chunk(stream_body(name)) + wire.LAST_CHUNK,
        TIMEOUT,
        b"HTTP/1.1 100 Continue\r\n\r\n" + whole(200, plain_body(name)),
        wire.LAST_CHUNK + whole(200, plain_body(name)),
        b"\r\n" * random.randrange(1, 4),
        random.randbytes(random.randrange(1, 40_000)),
    ]
    stray = b"".join(random.choices(whole_answers, k=random.randrange(1, 4)))
    cut = random.randrange(len(stray)) if random.random() < 0.5 else len(stray)
    return stray[:cut] if random.random() < 0.5 else stray[len(stray) - cut :]


def writes_behind(request):
    """A correct response and, in one piece with it, the response to another caller."""
    WritesBehind(whole(200, plain_body("stray")), joined=True)(request)


def closes_at_first_when_kept():
    """Answers each request, but not a first attempt on a kept connection."""
    served = set()

    def behaviour(request):
        if request.connection in served and request.attempt == 1:
            return request.connection.close()
        served.add(request.connection)
        healthy(request)

    return behaviour


def answers_head_with_body(body, apart=False):
    """A HEAD gets a response with this body, which HTTP forbids, in one piece with the head or a moment later."""

    def behaviour(request):
        if not request.head.startswith(b"HEAD "):
            return healthy(request)
        head = wire.head("HTTP/1.1 200 OK", [("Content-Length", len(body))])
        if apart:
            request.send(head)
            request.when_taken(lambda: request.send(body))
        else:
            request.send(head + body)

    return behaviour


def reads_and_closes_when_kept(how, together=1):
    """Answers the first request of each connection, so many at once; at the next one it closes the connection.

    `how` is `close` or `reset`.
    """
    served, waiting = set(), []

    def behaviour(request):
        if request.connection in served:
            return getattr(request.connection, how)()
        served.add(request.connection)
        waiting.append(request)
        if len(served) >= together:
            while waiting:
                healthy(waiting.pop())

    return behaviour
