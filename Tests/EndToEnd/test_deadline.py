"""The caller is told before Lambda's timeout, and the process goes on."""

import asyncio
import time

import calls
import faults
import lambda_process
import openai
import pytest
import records
import sdks
import well
from lambda_process import asynchronous, chat, running
from loop_thread import LoopThread
from many_upstreams import Upstream

# Seconds. The margin is the time that a busy machine has between the proxy's response and Lambda's timeout.
TIMEOUT, MARGIN = 33, 30
BEHAVIOURS = {"endless": faults.drip, "silent": faults.stall_before_head, "healthy": well.healthy}
MANY = ("--managed-instance", "--concurrency", 4)


def table(margin=MARGIN, **servers):
    return lambda_process.table(**servers).replace("settings: {", f"settings: {{deadline_margin: {margin}, ")


@pytest.fixture(scope="module", params=[(), MANY], ids=["one", "many"])
def started(request, start):
    with LoopThread() as thread:
        upstreams = {name: thread.run(Upstream.started(behaviour)) for name, behaviour in BEHAVIOURS.items()}
        proxy = start(table(**upstreams), "--timeout", TIMEOUT, *request.param)
        assert calls.call(proxy.origin, "POST", "/healthy/v1/chat/completions", calls.chat()).status == 200
        yield proxy
        for upstream in upstreams.values():
            thread.call(upstream.close)


@pytest.fixture
def proxy(started):
    """Its process outlives the test, and never reaches Lambda's timeout."""
    before = started.children
    yield started
    assert len(before) == 1 and started.children == before
    assert "timed out" not in started.log


def ask(proxy, server, stream):
    with sdks.client(openai.OpenAI, proxy.origin, server) as sdk:
        return list(sdk.chat.completions.create(model="m", messages=calls.MESSAGES, stream=stream))


def test_an_endless_stream_ends_with_an_error_event(proxy):
    began = time.monotonic()
    with pytest.raises(openai.APIError) as caught:
        ask(proxy, "endless", stream=True)
    assert caught.value.code == "deadline_exceeded"
    assert time.monotonic() - began >= TIMEOUT - MARGIN - 0.1


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_a_response_that_does_not_begin_becomes_an_error(proxy, stream):
    with pytest.raises(openai.InternalServerError) as caught:
        ask(proxy, "silent", stream)
    assert (caught.value.status_code, caught.value.code) == (504, "deadline_exceeded")


@asynchronous
async def test_a_reader_that_never_reads_keeps_its_slot_only_until_the_deadline():
    flood = well.Flood(100)
    upstreams = {"flood": await Upstream.started(flood), "healthy": await Upstream.started(well.healthy)}
    async with running(table(margin=0.5, **upstreams), 2) as (api, process):
        reader = api.invoke(chat("flood", "reader"), seconds=3, reads=False)
        await reader.begun
        assert (await api.ask(chat("healthy", "beside"))).body == well.stream_body("beside")
        await api.polled(2)
        await upstreams["flood"].left()
        record = await asyncio.to_thread(records.of_id, process, reader.id)
        assert record["error.type"] == "upstream_deadline_exceeded"
        both = await asyncio.gather(*[api.ask(chat("healthy", name)) for name in ("a", "b")])
        assert [answer.body for answer in both] == [well.stream_body("a"), well.stream_body("b")]
    for upstream in upstreams.values():
        upstream.close()
