"""Identical requests at once, of which the first fails or its callers go away."""

import asyncio
import json

import answers
import pytest
import well
from lambda_process import asynchronous
from sharing import FEW, FIRST, MIDDLE, REST, Held, asking, serving, whole


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


@asynchronous
async def test_callers_that_wait_for_a_silent_provider_are_kept_alive_and_time_out_together():
    async with serving(Held(first=None), more="ttft_timeout: 1, ") as provider:
        invocations = [provider.api.invoke(asking()) for _ in range(FEW)]
        got = [await invocation.answer for invocation in invocations]
        assert {(answer.status, answer.code) for answer in got} == {(504, "upstream_timeout")}
        # The first, and at most one try of each other.
        assert provider.asked <= FEW
