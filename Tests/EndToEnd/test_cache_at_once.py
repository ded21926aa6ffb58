"""Identical requests at once: one goes up, and the others stream along with it."""

import asyncio
import json

import answers
import calls
import pytest
import records
import well
import wire
from lambda_emulator import event
from lambda_process import asynchronous, running
from many_upstreams import SSE, Upstream

MANY = 200
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


async def leave(provider, gone, others):
    """Close these callers' connections, and talk on until the program must have noticed; return what has been said."""
    for invocation in gone:
        invocation.connection.transport.abort()
    said = b""
    for number in range(5):
        part = MIDDLE.replace(b"middle", b"middle %d" % number)
        provider.behaviour.say(part)
        await asyncio.gather(*[invocation.until(part) for invocation in others])
        said += part
    return said


@asynchronous
async def test_two_hundred_at_once_make_one_request_and_stream_along():
    async with serving(slots=MANY) as provider:
        # The provider holds the end back until every caller has got the beginning.
        invocations = await provider.all_waiting(MANY)
        assert provider.asked == 1
        provider.behaviour.go_on()
        got = await whole(invocations)
        assert provider.asked == 1
        states = [field(answer, "cache-status") for answer in got]
        leaders = [state for state in states if "collapsed" not in state]
        assert len(leaders) == 1 and all("fwd=uri-miss" in state for state in states)
        assert {field(answer, "x-cache") for answer in got} == {"MISS"}
        seen = [await asyncio.to_thread(records.of_id, provider.process, one.id) for one in invocations]
        assert sorted(record["cache"] for record in seen) == ["collapsed"] * (MANY - 1) + ["miss"]
        assert sum(record["cache_lookups"] for record in seen) == MANY
        assert not any(record.get("cache_hits") for record in seen)
        hit = await provider.api.ask(asking())
        assert hit.body == FIRST + REST and field(hit, "x-cache") == "HIT"


@asynchronous
async def test_plain_responses_are_shared_too():
    async with serving(slots=FEW + 1) as provider:
        invocations = [provider.api.invoke(asking(stream=False)) for _ in range(FEW)]
        await provider.upstream.asked(1)
        await provider.joined()
        provider.behaviour.go_on()
        got = await asyncio.gather(*[invocation.answer for invocation in invocations])
        assert {(answer.status, answer.body) for answer in got} == {(200, well.plain_body("held"))}
        assert provider.asked == 1


@asynchronous
async def test_a_later_caller_gets_what_has_been_said_before():
    async with serving() as provider:
        first = await provider.all_waiting(1)
        later = await provider.all_waiting(FEW - 1)
        provider.behaviour.go_on()
        await whole(first + later)
        assert provider.asked == 1


@asynchronous
async def test_if_the_first_caller_goes_away_the_others_get_everything():
    async with serving() as provider:
        (leader,) = await provider.all_waiting(1)
        followers = await provider.all_waiting(FEW - 1)
        said = await leave(provider, [leader], followers)
        provider.behaviour.go_on()
        await whole(followers, FIRST + said + REST)
        assert provider.asked == 1


@asynchronous
async def test_the_time_of_the_first_caller_is_that_of_all():
    """The request to the provider ends with the invocation that sent it, and all get the same error event."""
    async with serving() as provider:
        leader = provider.api.invoke(asking(), seconds=3)
        await leader.until(FIRST)
        followers = await provider.all_waiting(FEW - 1)
        ended = await leader.answer
        assert ended.code == "deadline_exceeded"
        for follower in followers:
            assert (await follower.answer).body == ended.body
        assert provider.asked == 1


@asynchronous
async def test_if_all_callers_go_away_the_request_is_given_up():
    async with serving() as provider:
        for invocation in await provider.all_waiting(FEW):
            invocation.connection.transport.abort()
        while provider.upstream.open:
            provider.behaviour.say(MIDDLE)
            await asyncio.sleep(0.01)
        await provider.api.polled(FEW + 1)
        # Nothing of it is left: the next caller asks again.
        again = await provider.all_waiting(1)
        assert provider.asked == 2
        provider.behaviour.finish(provider.behaviour.held[1])
        await whole(again)


def reset(request):
    request.connection.reset()


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@asynchronous
async def test_if_the_first_request_fails_before_anything_is_said_each_asks_for_itself(stream):
    behaviour = Held(first=None)
    async with serving(behaviour) as provider:
        invocations = [provider.api.invoke(asking(stream)) for _ in range(FEW)]
        await provider.upstream.asked(1)
        await provider.joined()
        assert provider.asked == 1
        reset(behaviour.held[0])
        while provider.asked < FEW:
            await asyncio.sleep(0)
        for request in behaviour.held[1:]:
            behaviour.finish(request)
        got = [await invocation.answer for invocation in invocations]
        assert sorted(answer.status for answer in got) == (FEW - 1) * [200] + [502]
        expected = FIRST + REST if stream else well.plain_body("held")
        assert {answer.body for answer in got if answer.status == 200} == {expected}
        assert provider.asked == FEW


@asynchronous
async def test_if_the_first_request_is_refused_the_others_ask_for_themselves():
    """Which may be served by then."""
    behaviour = Held(first=None)
    async with serving(behaviour) as provider:
        invocations = [provider.api.invoke(asking()) for _ in range(FEW)]
        await provider.upstream.asked(1)
        await provider.joined()
        refusal = json.dumps(answers.error("Slow down.", code="slow")).encode()
        behaviour.held[0].send(well.whole(429, refusal))
        while provider.asked < FEW:
            await asyncio.sleep(0)
        for request in behaviour.held[1:]:
            behaviour.finish(request)
        got = [await invocation.answer for invocation in invocations]
        assert sorted(answer.status for answer in got) == (FEW - 1) * [200] + [429]


@asynchronous
async def test_if_it_fails_in_the_middle_all_get_the_same_error():
    async with serving(Held(reset)) as provider:
        invocations = await provider.all_waiting(FEW)
        provider.behaviour.go_on()
        got = await asyncio.gather(*[invocation.answer for invocation in invocations])
        assert len({answer.body for answer in got}) == 1 and got[0].body.startswith(FIRST)
        for answer in got:
            assert answer.code == "upstream_disconnected" and answer.failure
        assert provider.asked == 1
        again = await provider.all_waiting(1)
        assert provider.asked == 2
        provider.behaviour.then = provider.behaviour.finish
        provider.behaviour.finish(provider.behaviour.held[1])
        await whole(again)


@asynchronous
async def test_others_that_go_away_disturb_nobody():
    async with serving() as provider:
        invocations = await provider.all_waiting(FEW)
        said = await leave(provider, invocations[1::2], invocations[::2])
        provider.behaviour.go_on()
        await whole(invocations[::2], FIRST + said + REST)
        assert provider.asked == 1


BLOCK = answers.event(answers.delta("x" * 16_000))


def flood(blocks):
    """So many blocks as fast as they are read, and the end."""

    def send(request):
        more(request, blocks)

    def more(request, left):
        while left and request.connection.transport.get_write_buffer_size() < 10 * len(BLOCK):
            request.send(wire.chunk(BLOCK))
            left -= 1
        if left:
            request.later(0.002, lambda: more(request, left))
        else:
            request.send(wire.chunk(REST) + wire.LAST_CHUNK)

    return send


# The first fits into an entry; the second is longer than all buffers together.
@pytest.mark.parametrize("blocks", [100, 2000], ids=["short", "long"])
@pytest.mark.parametrize("is_leader", [True, False], ids=["the first", "another"])
@asynchronous
async def test_a_caller_that_does_not_read_delays_no_other(blocks, is_leader):
    expected = FIRST + blocks * BLOCK + REST
    async with serving(Held(flood(blocks))) as provider:
        if is_leader:
            slow = provider.api.invoke(asking(), reads=False)
            await slow.begun
            others = await provider.all_waiting(FEW - 1)
        else:
            others = await provider.all_waiting(FEW - 1)
            slow = provider.api.invoke(asking(), reads=False)
            await slow.begun
        provider.behaviour.go_on()
        for answer in await asyncio.gather(*[invocation.answer for invocation in others]):
            assert (answer.failure, answer.body) == (None, expected)
        assert not slow.answer.done()
        slow.resume()
        late = await slow.answer
        # If it is too far behind to be given the rest, it is told so.
        if late.failure is None and late.kind == "response":
            assert late.body == expected
        else:
            assert blocks > 100, "a short stream fits into memory"
            sent = late.body.rpartition(b'data: {"error"')[0] or late.body
            assert expected.startswith(sent)
        assert provider.asked == 1


@pytest.mark.parametrize("control", ["no-cache", "no-store", "max-age=0, no-cache"])
@asynchronous
async def test_who_wants_an_answer_of_their_own_joins_nobody(control):
    async with serving() as provider:
        (first,) = await provider.all_waiting(1)
        own = await provider.all_waiting(2, asking(control=control))
        assert provider.asked == 3
        provider.behaviour.go_on()
        await whole([first, *own])


@asynchronous
async def test_only_identical_requests_of_one_key_are_joined():
    async with serving() as provider:
        asked = [asking(), asking(key="a-second-key"), asking(n=2), asking(temperature=0)]
        invocations = []
        for one in asked:
            invocations += await provider.all_waiting(2, one)
        assert provider.asked == len(asked)
        provider.behaviour.go_on()
        await whole(invocations)


@asynchronous
async def test_what_is_only_wanted_from_the_cache_does_not_wait():
    async with serving() as provider:
        waiting = await provider.all_waiting(2)
        refused = await provider.api.ask(asking(control="only-if-cached"))
        assert (refused.status, refused.code) == (504, "not_in_cache")
        provider.behaviour.go_on()
        await whole(waiting)
        assert provider.asked == 1


@asynchronous
async def test_callers_that_wait_for_a_silent_provider_are_kept_alive_and_time_out_together():
    async with serving(Held(first=None), more="ttft_timeout: 1, ") as provider:
        invocations = [provider.api.invoke(asking()) for _ in range(FEW)]
        got = [await invocation.answer for invocation in invocations]
        assert {(answer.status, answer.code) for answer in got} == {(504, "upstream_timeout")}
        # The first, and at most one try of each other.
        assert provider.asked <= FEW


@asynchronous
async def test_responses_that_began_early_are_shared():
    """The first has begun with keepalives when the others come."""
    behaviour = Held(first=None)
    upstream = await Upstream.started(behaviour)
    table = TABLE.format(up=upstream.origin, more="").replace("keepalive_seconds: 0,", "keepalive_seconds: 0.05,")
    async with running(table, FEW) as (api, _):
        invocations = [api.invoke(asking()) for _ in range(FEW)]
        await asyncio.gather(*[invocation.until(b": keepalive\n") for invocation in invocations])
        assert len(behaviour.held) == 1
        behaviour.go_on()
        for answer in await asyncio.gather(*[invocation.answer for invocation in invocations]):
            assert answer.failure is None and answer.body.replace(b": keepalive\n", b"").strip(b"\n") == (
                FIRST + REST
            ).strip(b"\n")
        hit = await api.ask(asking())
        assert hit.body == FIRST + REST and field(hit, "x-cache") == "HIT"
    upstream.close()


@asynchronous
async def test_a_provider_that_stalls_for_one_question_delays_no_other():
    async with serving() as provider:
        waiting = await provider.all_waiting(FEW)
        for number in range(20):
            answer = await provider.api.ask(asking(name="beside", n=number))
            assert answer.body == well.stream_body("beside")
        provider.behaviour.go_on()
        await whole(waiting)
