"""A Lambda Runtime API on loopback, for one process with any number of slots.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, and for a streamed response
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming.
"""

import asyncio
import collections
import contextlib
import time

import invocations
from loop_thread import LoopThread
from runtime_connection import Connection

ARN = "arn:aws:lambda:us-east-1:111122223333:function:proxy"


class RuntimeAPI:
    """Gives events to polls in order, and receives the answers.

    `faults` are sentences about requests that a Runtime API would not accept; `init_errors` are the Answers that were
    sent to `/init/error`. `fails`, if set, is called with the connection of each poll.
    """

    def __init__(self):
        self.server = None
        self.connections = set()
        self.polls = collections.deque()
        self.events = collections.deque()
        self.open = {}
        self.count = 0
        self.faults = []
        self.init_errors = []
        self.extensions = []
        self.extension_polls = 0
        self.fails = None
        self.waiting = []

    @classmethod
    async def started(cls):
        api = cls()
        loop = asyncio.get_running_loop()
        api.server = await loop.create_server(lambda: Connection(api), "127.0.0.1", 0, backlog=2048)
        return api

    @property
    def address(self):
        return "127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]

    def close(self):
        """Close the listening socket and all connections."""
        self.server.close()
        for connection in list(self.connections):
            connection.transport.abort()

    def invoke(self, event, seconds=900, **options):
        """Send an event; `seconds` is the time left until Lambda's timeout. `options` are those of an Invocation."""
        self.count += 1
        invocation = invocations.Invocation(self.count, event, **options)
        invocation.deadline = int((time.time() + seconds) * 1000)
        self.open[invocation.id] = invocation
        self.events.append(invocation)
        self.deliver()
        return invocation

    async def ask(self, event, **options):
        """Send an event, and return its Answer."""
        return await self.invoke(event, **options).answer

    async def polled(self, count=1):
        """Wait until so many polls are open."""
        done = asyncio.get_running_loop().create_future()
        self.waiting.append((count, done))
        self.deliver()
        await done

    def deliver(self):
        while self.polls and self.events:
            connection = self.polls.popleft()
            if not connection.is_lost:
                invocation = self.events.popleft()
                invocation.delivered = True
                connection.send(event_message(invocation))
        for count, done in self.waiting:
            if len(self.polls) >= count and not done.done():
                done.set_result(None)


@contextlib.contextmanager
def serving():
    """A Runtime API in a thread, for tests that aren't asynchronous. Yields the thread and the API."""
    with LoopThread() as thread:
        api = thread.run(RuntimeAPI.started())
        yield thread, api
        thread.call(api.close)


def event_message(invocation):
    """The answer to a poll."""
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        f"Lambda-Runtime-Aws-Request-Id: {invocation.id}\r\nLambda-Runtime-Invocation-Id: {invocation.nonce}\r\n"
        f"Lambda-Runtime-Deadline-Ms: {invocation.deadline}\r\nLambda-Runtime-Invoked-Function-Arn: {ARN}\r\n"
        f"Lambda-Runtime-Trace-Id: {invocation.trace}\r\n"
        f"Content-Length: {len(invocation.event)}\r\n\r\n"
    )
    return head.encode() + invocation.event
