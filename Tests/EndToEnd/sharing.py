"""A provider whose answers the test holds back, and a proxy in which identical requests share them."""

import asyncio

import answers
import calls
import well
import wire
from lambda_emulator import event
from lambda_process import running
from many_upstreams import SSE, Upstream

FEW = 8
TABLE = """
server: {{url: "{up}/v1", num_retries: 0, keepalive_seconds: 0, {more}cache: true}}
settings:
  deadline_margin: 0.5
  virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}, {{name: second, key: a-second-key}}]
"""
FIRST = answers.event(answers.delta("first "))
MIDDLE = answers.event(answers.delta("middle "))
REST = answers.event(answers.delta("last")) + answers.event(answers.delta(finish="stop")) + answers.event("[DONE]")


class Held:
    """Sends the first event of a stream, or nothing of a plain response, and the rest when the test says so.

    `then` is what each request gets instead of the rest. A request with the name `beside` is answered at once.
    """

    def __init__(self, then=None, first=FIRST):
        self.held = []
        self.then = then or self.finish
        self.first = first

    def __call__(self, request):
        if request.name == "beside":
            return well.healthy(request)
        self.held.append(request)
        if request.is_stream and self.first:
            request.send(SSE + wire.chunk(self.first))

    def say(self, data):
        """Send something more. Only then does a proxy notice that a caller is gone."""
        for request in self.held:
            request.send(wire.chunk(data))

    def go_on(self):
        for request in self.held:
            self.then(request)

    def finish(self, request):
        if request.is_stream:
            request.send((b"" if self.first else SSE + wire.chunk(FIRST)) + wire.chunk(REST) + wire.LAST_CHUNK)
        else:
            request.send(well.whole(200, well.plain_body("held")))


def asking(stream=True, key=calls.KEY, control=None, **more):
    asked = event("POST", "/server/v1/chat/completions", calls.chat(stream=stream, **more), key=key)
    if control:
        asked["headers"]["cache-control"] = control
    return asked


class Provider:
    """The proxy with so many slots, and the provider behind it."""

    def __init__(self, api, process, upstream, behaviour):
        self.api = api
        self.process = process
        self.upstream = upstream
        self.behaviour = behaviour

    async def all_waiting(self, count, asked=None):
        """Invoke so often; return when all have got the first event."""
        invocations = [self.api.invoke(asked or asking()) for _ in range(count)]
        await asyncio.gather(*[invocation.until(FIRST) for invocation in invocations])
        return invocations

    async def joined(self):
        """Wait until the program has seen all invocations: those that come later have been answered."""
        while not all(invocation.delivered for invocation in self.api.open.values()):
            await asyncio.sleep(0)
        for _ in range(3):
            assert (await self.api.ask(asking(name="beside", n=2, control="no-store"))).status == 200

    @property
    def asked(self):
        """How many requests the provider has got, without those beside."""
        return len(self.behaviour.held)


class serving:  # noqa: N801
    """`async with serving(behaviour, slots) as provider`."""

    def __init__(self, behaviour=None, slots=FEW + 1, more=""):
        self.behaviour = behaviour or Held()
        self.slots = slots
        self.more = more

    async def __aenter__(self):
        self.upstream = await Upstream.started(self.behaviour)
        self.running = running(TABLE.format(up=self.upstream.origin, more=self.more), self.slots)
        api, process = await self.running.__aenter__()
        return Provider(api, process, self.upstream, self.behaviour)

    async def __aexit__(self, *error):
        try:
            await self.running.__aexit__(*error)
        finally:
            self.upstream.close()


def field(answer, name):
    found = [value for key, value in answer.prelude["headers"].items() if key.lower() == name]
    return found[0] if found else None


async def whole(invocations, expected=FIRST + REST):
    """The answers, each of them the whole stream."""
    got = await asyncio.gather(*[invocation.answer for invocation in invocations])
    for answer in got:
        assert (answer.kind, answer.failure, answer.status, answer.body) == ("response", None, 200, expected)
    return got
