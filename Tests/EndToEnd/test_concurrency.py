"""Many callers at once: nobody waits for another, and nobody gets another's response."""

import asyncio
import contextlib
import threading

import answers
import calls
import openai
import programs
import pytest
from sdks import client

MANY = 8


@pytest.fixture(scope="module", params=["many processes", "one process"])
def busy(request, start, table):
    mode = ["--managed-instance"] if request.param == "one process" else []
    return start(table, "--concurrency", MANY, *mode)


def echo_when_all_are_here(count):
    """An upstream that echoes the request, and only answers when `count` requests have arrived."""
    everyone = threading.Barrier(count, timeout=programs.PATIENCE)

    def script(exchange):
        everyone.wait()
        name = exchange.request.json["messages"][0]["content"]
        deltas = [answers.event(answers.delta(f"{name}.{i}")) for i in range(20)]
        answers.pieces([*deltas, answers.event("[DONE]")])(exchange)

    return script


def test_streams_are_never_mixed_up(upstream, busy):
    upstream.always = echo_when_all_are_here(MANY)

    async def ask(sdk, name):
        messages = [{"role": "user", "content": name}]
        stream = await sdk.chat.completions.create(model="m", messages=messages, stream=True)
        return [chunk.choices[0].delta.content async for chunk in stream]

    async def all_of_them():
        async with client(openai.AsyncOpenAI, busy.origin) as sdk:
            return await asyncio.gather(*[ask(sdk, f"request-{i}") for i in range(MANY)])

    for _ in range(3):
        got = asyncio.run(all_of_them())
        assert got == [[f"request-{i}.{part}" for part in range(20)] for i in range(MANY)]


CHAT, STREAM = "/scripted/v1/chat/completions", calls.chat(stream=True)


@contextlib.contextmanager
def slow_stream(upstream, busy):
    """A stream that pauses while the body of the `with` runs, and then ends normally."""
    done = threading.Event()
    steps = [(None, answers.event(answers.delta("slow"))), (done, answers.event("[DONE]"))]
    upstream.script(answers.stepwise(steps))
    with calls.opened(busy.origin, "POST", CHAT, STREAM) as (_, pieces):
        assert next(pieces) == answers.event(answers.delta("slow"))
        yield
        done.set()
        assert b"".join(pieces) == answers.event("[DONE]")


def test_a_stalled_stream_delays_no_other_request(upstream, busy):
    with slow_stream(upstream, busy):
        for number in range(20):
            upstream.script(answers.stream(f"quick {number}"))
            assert calls.call(busy.origin, "POST", CHAT, STREAM).body == answers.stream_bytes(f"quick {number}")


def test_bad_input_does_not_affect_a_stream_at_the_same_time(upstream, busy):
    with slow_stream(upstream, busy):
        assert calls.call(busy.origin, "POST", CHAT, b"no json").status == 400
        assert calls.call(busy.origin, "POST", "/refusing/v1/chat/completions", STREAM).status == 502
    assert len(busy.children) in (1, MANY)
