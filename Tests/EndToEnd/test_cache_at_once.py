"""Identical requests at once: one goes up, and the others stream along with it."""

import asyncio

import answers
import pytest
import records
import well
import wire
from lambda_process import asynchronous, running
from many_upstreams import Upstream
from sharing import FEW, FIRST, REST, TABLE, Held, asking, field, serving, whole

MANY = 200


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
