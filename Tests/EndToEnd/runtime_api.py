"""A Lambda Runtime API on loopback, for one process with any number of slots.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, and for a streamed answer
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
    """Gives events to whoever polls, in their order, and takes the answers.

    `faults` are sentences about what no Runtime API would take; `init_errors` are the Answers that came to
    `/init/error`. `fails` is called with the connection of each poll that comes, if it is set.
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
        """Go away: neither the listening socket nor a connection is left."""
        self.server.close()
        for connection in list(self.connections):
            connection.transport.abort()

    def invoke(self, event, seconds=900, **options):
        """Have an event served; `seconds` are what Lambda's time-out leaves. `options` are those of an Invocation."""
        self.count += 1
        invocation = invocations.Invocation(self.count, event, **options)
        invocation.deadline = int((time.time() + seconds) * 1000)
        self.open[invocation.id] = invocation
        self.events.append(invocation)
        self.deliver()
        return invocation

    async def ask(self, event, **options):
        """Have an event served, and return its Answer."""
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
    """A Runtime API in a thread, for tests that are not asynchronous: the thread and the API."""
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
