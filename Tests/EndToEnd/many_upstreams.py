"""Upstreams on loopback for many requests at once, with asyncio: one port for each behaviour.

A behaviour is a function that takes a `Request` and answers it, or doesn't.
"""

import asyncio
import collections
import json

import messages
import wire

SSE = wire.head("HTTP/1.1 200 OK", [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")])


class Upstream:
    """A port where every request is answered in the same way. It counts connections and requests."""

    def __init__(self, behaviour, tls=None):
        self.behaviour = behaviour
        self.tls = tls
        self.connections = 0
        self.requests = 0
        self.open = set()
        self.tries = collections.Counter()
        self.resumed = []
        self.port = None
        self.changed = asyncio.Event()

    @classmethod
    async def started(cls, behaviour, tls=None):
        upstream = cls(behaviour, tls)
        loop = asyncio.get_running_loop()
        upstream.server = await loop.create_server(lambda: Connection(upstream), "127.0.0.1", 0, ssl=tls, backlog=2048)
        upstream.port = upstream.server.sockets[0].getsockname()[1]
        return upstream

    @property
    def origin(self):
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    async def asked(self, count):
        """Wait until so many requests have arrived."""
        await self._until(lambda: self.requests >= count)

    async def left(self):
        """Wait until no connection is open."""
        await self._until(lambda: not self.open)

    async def _until(self, holds):
        while not holds():
            self.changed.clear()
            await self.changed.wait()

    def close(self):
        self.server.close()
        for connection in list(self.open):
            connection.transport.abort()


class Request:
    """A request and how to answer it. `attempt` counts from 1 for each name.

    `name` is the name in its body. Requests to Bedrock have none: their text is their name.
    """

    def __init__(self, connection, head, body):
        self.connection = connection
        self.head = head
        self.body = body
        members = json.loads(body) if body else {}
        target = head.split(b" ", 2)[1]
        is_bedrocks = target.startswith(b"/model/")
        self.name = members["messages"][-1]["content"][0]["text"] if is_bedrocks else members.get("name", "")
        self.is_stream = members.get("stream", False) or target.endswith(b"/converse-stream")
        connection.upstream.tries[self.name] += 1
        self.attempt = connection.upstream.tries[self.name]

    def send(self, data):
        self.connection.send(data)

    def when_taken(self, action):
        """Call it when the other side's kernel has received everything. Until then it counts as `postponed`."""
        self.connection.postponed += 1
        self._until_taken(action)

    def _until_taken(self, action):
        if self.connection.unsent:
            self.later(0.001, lambda: self._until_taken(action))
        else:
            self.connection.postponed -= 1
            action()

    def later(self, seconds, action):
        """Call it after a while, unless the connection has closed by then."""
        loop = asyncio.get_running_loop()
        loop.call_later(seconds, lambda: self.connection.is_lost or action())


class Connection(messages.Messages):
    def __init__(self, upstream):
        super().__init__()
        self.upstream = upstream

    def connection_made(self, transport):
        super().connection_made(transport)
        self.upstream.open.add(self)
        self.upstream.connections += 1
        if tls := transport.get_extra_info("ssl_object"):
            self.upstream.resumed.append(tls.session_reused)

    def connection_lost(self, error):
        super().connection_lost(error)
        self.upstream.open.discard(self)
        self.upstream.changed.set()

    def begins(self, head):
        self.head, self.data = head, []

    def receives(self, data):
        self.data.append(data)

    def ends(self, trailers):
        self.upstream.requests += 1
        self.upstream.changed.set()
        self.upstream.behaviour(Request(self, self.head, b"".join(self.data)))
