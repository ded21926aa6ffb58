"""Each caller gets the response to its own request, and an upstream gets each request as often as the headers say."""

import asyncio
import os
import random

import calls
import certificates
import lambda_process
import pytest
import records
import strays
import well
from lambda_emulator import event
from lambda_process import asynchronous, chat, running
from many_upstreams import Upstream
from strays import STRAYS, WritesBehind

ONCE = "num_retries: 0"


@pytest.fixture(params=["plain", "tls"])
def place(request, authority, tmp_path):
    """A server's TLS or None, and the variables by which the process trusts it."""
    if request.param == "plain":
        return None, {}
    return certificates.server_context(authority), certificates.trusting(authority, tmp_path)


async def gets_its_own(api, name, stream):
    answer = await api.ask(chat("server", name, stream))
    body = (well.stream_body if stream else well.plain_body)(name)
    return (answer.status, answer.body) == (200, body) and answer.prelude["headers"]["x-proxy-attempts"] == "1"


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("joined", [True, False], ids=["joined", "apart"])
@pytest.mark.parametrize("stray", STRAYS)
@asynchronous
async def test_a_stray_response_is_never_given_to_the_next_caller(place, stray, joined, stream):
    context, variables = place
    behaviour = WritesBehind(STRAYS[stray], joined)
    upstream = await Upstream.started(behaviour, context)
    async with running(lambda_process.table(server=(upstream, ONCE)), **variables) as (api, process):
        for number in range(4):
            assert await gets_its_own(api, f"caller-{number}", stream)
            await behaviour.write()
        assert (upstream.connections, upstream.requests) == (4, 4)
        assert records.others(process.log) == []
    upstream.close()


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@asynchronous
async def test_a_408_on_an_idle_connection_is_never_given_to_the_next_caller(place, stream):
    context, variables = place
    behaviour = WritesBehind(strays.TIMEOUT)
    upstream = await Upstream.started(behaviour, context)
    async with running(lambda_process.table(server=(upstream, ONCE)), **variables) as (api, _):
        for number in range(3):
            assert await gets_its_own(api, f"caller-{number}", stream)
            await behaviour.write()
            behaviour.request.connection.reset()
            await upstream.left()
        assert (upstream.connections, upstream.requests) == (3, 3)
    upstream.close()


@asynchronous
async def test_a_connection_without_stray_bytes_is_reused(place):
    context, variables = place
    upstream = await Upstream.started(well.healthy, context)
    async with running(lambda_process.table(server=upstream), **variables) as (api, _):
        for number in range(4):
            assert await gets_its_own(api, f"caller-{number}", number % 2 == 0)
        assert (upstream.connections, upstream.requests) == (1, 4)
    upstream.close()


@pytest.mark.parametrize("apart", [True, False], ids=["apart", "joined"])
@pytest.mark.parametrize("body", [well.plain_body("head"), STRAYS["a whole answer"], b"x" * 100_000])
@asynchronous
async def test_a_body_after_the_head_of_preconnect_is_never_given_to_a_caller(place, body, apart):
    context, variables = place
    upstream = await Upstream.started(strays.answers_head_with_body(body, apart), context)
    servers = lambda_process.table(server=(upstream, f"preconnect: true, {ONCE}"))
    async with running(servers, **variables) as (api, _):
        await upstream.asked(1)
        for connection in list(upstream.open):
            await strays.taken(connection)
        for number in range(2):
            assert await gets_its_own(api, f"caller-{number}", False)
        assert (upstream.connections, upstream.requests) == (2, 3)
    upstream.close()


@pytest.mark.parametrize("apart", [True, False], ids=["apart", "joined"])
@pytest.mark.parametrize("sent", [b"", b'{"name": "head"}'], ids=["without", "with"])
@asynchronous
async def test_a_response_to_head_ends_with_its_head_even_if_a_body_follows(place, sent, apart):
    context, variables = place
    upstream = await Upstream.started(strays.answers_head_with_body(STRAYS["a whole answer"], apart), context)
    servers = lambda_process.table(server=(upstream, f"reverse_proxy: true, {ONCE}"))
    async with running(servers, **variables) as (api, _):
        for number in range(2):
            answer = await api.ask(event("HEAD", "/server/thing", sent))
            assert (answer.status, answer.body.strip()) == (200, b"")
            path = "/server/v1/chat/completions"
            answer = await api.ask(event("POST", path, calls.chat(stream=True, name=f"caller-{number}")))
            assert (answer.status, answer.body) == (200, well.stream_body(f"caller-{number}"))
        assert upstream.requests == 4
    upstream.close()


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("options", [ONCE, "num_retries: 1", "reverse_proxy: true", f"{ONCE}, endpoints: [thing]"])
@asynchronous
async def test_a_request_that_was_read_is_only_resent_as_a_counted_attempt(place, how, options):
    context, variables = place
    upstream = await Upstream.started(strays.reads_and_closes_when_kept(how, 8), context)
    path = "/server/v1/thing" if "endpoints" in options else "/server/v1/chat/completions"
    async with running(lambda_process.table(server=(upstream, options)), 8, **variables) as (api, process):
        asked = [api.invoke(event("POST", path, calls.chat(name=f"first-{number}"))) for number in range(8)]
        assert {(await invocation.answer).status for invocation in asked} == {200}
        assert (upstream.connections, upstream.requests) == (8, 8)
        for size in (10, 500_000):
            before = upstream.requests
            answer = await api.ask(event("POST", path, calls.chat(name="second", filler="x" * size)))
            attempts = int(answer.prelude["headers"]["x-proxy-attempts"])
            assert upstream.requests - before == attempts
            if options == "num_retries: 1":
                assert attempts == 2
            else:
                assert (attempts, answer.status, answer.code) == (1, 502, "upstream_disconnected")
                request_id = answer.prelude["headers"]["x-proxy-request-id"]
                record = await asyncio.to_thread(records.of_id, process, request_id)
                assert record["attempts"] == 1
    upstream.close()


@asynchronous
async def test_a_request_without_a_body_is_not_resent_uncounted_either():
    upstream = await Upstream.started(strays.reads_and_closes_when_kept("close"))
    async with running(lambda_process.table(server=(upstream, ONCE))) as (api, _):
        assert (await api.ask(chat("server", "first"))).status == 200
        answer = await api.ask(event("GET", "/server/v1/models"))
        assert (answer.status, answer.code) == (502, "upstream_disconnected")
        assert upstream.requests == 2
    upstream.close()


ROUNDS = int(os.environ.get("FUZZ_ROUNDS", 30))


@pytest.mark.timeout(600 + ROUNDS)
@asynchronous
async def test_random_bytes_between_responses_never_mix_up_callers(place):
    seed = int(os.environ.get("FUZZ_SEED", random.randrange(1 << 32)))
    print(f"FUZZ_SEED={seed}")
    choices = random.Random(seed)
    context, variables = place
    behaviours = []

    def behaviour(request):
        stray = strays.random_stray(choices, choices.choice(names))
        behaviours.append(WritesBehind(stray, joined=choices.random() < 0.3))
        behaviours[-1](request)

    upstream = await Upstream.started(behaviour, context)
    async with running(lambda_process.table(server=(upstream, ONCE)), 8, **variables) as (api, _):
        for turn in range(ROUNDS):
            names = [f"caller-{turn}-{number}" for number in range(8)]
            streams = {name: choices.random() < 0.5 for name in names}
            asked = {name: api.invoke(chat("server", name, streams[name])) for name in names}
            for name, invocation in asked.items():
                body = (well.stream_body if streams[name] else well.plain_body)(name)
                answer = await invocation.answer
                assert (answer.status, answer.body) == (200, body)
            await api.polled(8)
            # Only now, when every connection is idle.
            for written in behaviours:
                await written.write()
            behaviours.clear()
        assert upstream.requests == 8 * ROUNDS
    upstream.close()
