"""Streamed responses: each event arrives at once, and byte for byte."""

import asyncio
import json
import subprocess
import threading

import answers
import calls
import openai
import pytest

CHAT = "/scripted/v1/chat/completions"
UNICODE = "é ½ 漢字 かな 👩‍👩‍👧 🇨🇭 \u2028 \u202e end"


def test_the_first_token_arrives_before_the_last_is_written(upstream, sdk):
    seen = [threading.Event() for _ in range(3)]
    steps = [(None, answers.event(answers.delta("zero")))]
    steps += [(seen[i], answers.event(answers.delta(f"after {i}"))) for i in range(3)]
    upstream.script(answers.stepwise([*steps, (None, answers.event("[DONE]"))]))
    got = []
    for chunk in sdk().chat.completions.create(model="m", messages=calls.MESSAGES, stream=True):
        got.append(chunk.choices[0].delta.content)
        if len(got) <= 3:
            seen[len(got) - 1].set()
    assert got == ["zero", "after 0", "after 1", "after 2"]


def test_the_head_arrives_before_the_first_token_is_written(upstream, proxy):
    head_seen = threading.Event()
    upstream.script(answers.stepwise([(head_seen, answers.stream_bytes("late"))]))
    with calls.opened(proxy.origin, "POST", CHAT, calls.chat(stream=True)) as (response, pieces):
        assert response.status == 200
        head_seen.set()
        assert b"".join(pieces) == answers.stream_bytes("late")


def test_a_stream_reaches_the_asynchronous_sdk(upstream, async_sdk):
    upstream.script(answers.stream("one ", "two ", UNICODE))

    async def collect():
        async with async_sdk() as client:
            stream = await client.chat.completions.create(model="m", messages=calls.MESSAGES, stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert asyncio.run(collect()) == "one two " + UNICODE


def test_unicode_survives_a_cut_at_every_byte(upstream, call):
    whole = answers.stream_bytes(UNICODE)
    for cut in range(1, len(whole)):
        upstream.script(answers.pieces([whole[:cut], whole[cut:]]))
        assert call("POST", CHAT, calls.chat(stream=True)).body == whole, cut


def test_unicode_survives_byte_by_byte(upstream, call):
    whole = answers.stream_bytes(UNICODE)
    upstream.script(answers.pieces([whole[i : i + 1] for i in range(len(whole))]))
    assert call("POST", CHAT, calls.chat(stream=True)).body == whole


@pytest.mark.parametrize(
    "body",
    [
        b": a comment\r\ndata: {}\r\n\r\nevent: x\r\ndata: 1\r\ndata: 2\r\n\r\ndata: [DONE]\r\n\r\n",
        b"data:{}\rid: 7\r\rdata: [DONE]\r\r",
        b"data: {}\n\ndata: [DONE]",
        b"\xff\xfe not UTF-8\n\ndata: {}\n\ndata: [DONE]\n\n",
    ],
    ids=["crlf", "cr", "no last blank line", "not utf-8"],
)
def test_unusual_events_pass_byte_for_byte(upstream, call, body):
    upstream.script(answers.pieces([body]))
    assert call("POST", CHAT, calls.chat(stream=True)).body == body


@pytest.mark.parametrize("path", ["/speech/v1/files/events", "/reverse/v1/chat/completions"])
def test_a_stream_of_an_endpoint_without_an_end_mark_passes_as_it_is(upstream, call, path):
    body = b"data: {}\n\ndata: [DONE]\n\n: trailing words"
    upstream.script(answers.pieces([body]))
    assert call("POST", path, calls.chat(stream=True)).body == body


def test_an_event_with_an_image_arrives_complete(upstream, call):
    body = answers.event(answers.delta("x" * 5_000_000)) + answers.event("[DONE]")
    upstream.script(answers.pieces([body]))
    assert call("POST", CHAT, calls.chat(stream=True)).body == body


def test_an_event_that_is_too_large_to_hold_passes_as_it_comes(upstream, proxy):
    """Its beginning arrives before its end is written, and the SDK reads it like any other."""
    event = answers.event(answers.delta("x" * 9_000_000))
    seen = threading.Event()
    upstream.script(answers.stepwise([(None, event[:3_000_000]), (seen, event[3_000_000:] + answers.event("[DONE]"))]))
    with calls.opened(proxy.origin, "POST", CHAT, calls.chat(stream=True)) as (_, pieces):
        body = b""
        for piece in pieces:
            body += piece
            if len(body) > 2_000_000:
                seen.set()
    assert body == event + answers.event("[DONE]")


def test_a_response_that_ends_with_a_large_image_is_complete(upstream, sdk):
    output = [{"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "x" * 9_000_000}]
    completed = {"type": "response.completed", "sequence_number": 1, "response": {"id": "r", "output": output}}
    upstream.script(answers.pieces([b"event: message\n" + answers.event(completed)]))
    (event,) = sdk().responses.create(model="m", input="Hi", stream=True)
    assert event.type == "response.completed"
    assert len(event.response.output[0].result) == 9_000_000


def test_an_event_that_breaks_off_after_its_beginning_has_passed_is_an_error(upstream, sdk):
    def break_off(exchange):
        exchange.start(200, answers.SSE)
        exchange.chunk(answers.event(answers.delta("Half")) + answers.event(answers.delta("x" * 3_000_000))[:-9])
        exchange.close()

    upstream.script(break_off)
    got = []
    with pytest.raises(openai.APIConnectionError):
        for chunk in sdk().chat.completions.create(model="m", messages=calls.MESSAGES, stream=True):
            got.append(chunk.choices[0].delta.content)
    assert got == ["Half"]


def test_a_broken_stream_is_cut_off_where_clients_do_not_know_openais_errors(upstream, proxy):
    event = b'event: message_start\ndata: {"type":"message_start"}\n\n'
    path = "/speech/v1/files/messages"

    def break_off(exchange):
        exchange.start(200, answers.SSE)
        exchange.chunk(event + b"event: content_block_start\n")
        exchange.close()

    upstream.script(break_off)
    body = b""
    with pytest.raises(calls.wire.Disconnected), calls.opened(proxy.origin, "POST", path, b"{}") as (_, pieces):
        for piece in pieces:
            body += piece
    assert b"error" not in body and event.startswith(body)
    proxy.log_where(lambda log: f"POST {path}: " in log and "Runtime.TruncatedResponse" in log, path)


def test_tool_call_deltas_arrive_intact(upstream, sdk):
    arguments = ['{"ci', 'ty": "Z', "ü", 'rich", "q": "\\"', '"}']
    function = {"name": "weather", "arguments": ""}
    first = answers.delta(tool_calls=[{"index": 0, "id": "call_1", "type": "function", "function": function}])
    rest = [answers.delta(tool_calls=[{"index": 0, "function": {"arguments": part}}]) for part in arguments]
    ending = answers.event(answers.delta(finish="tool_calls"))
    upstream.script(answers.pieces([*map(answers.event, [first, *rest]), ending, answers.event("[DONE]")]))
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    chunks = list(sdk().chat.completions.create(model="m", messages=calls.MESSAGES, tools=tools, stream=True))
    deltas = [chunk.choices[0].delta.tool_calls[0] for chunk in chunks[:-1]]
    assert (deltas[0].id, deltas[0].function.name) == ("call_1", "weather")
    assert [delta.function.arguments for delta in deltas[1:]] == arguments
    assert upstream.request().json["tools"] == tools


def test_the_usage_chunk_arrives(upstream, sdk):
    usage = {**answers.delta(), "choices": [], "usage": answers.completion()["usage"]}
    upstream.script(answers.pieces([answers.event(answers.delta("x")), answers.event(usage), answers.event("[DONE]")]))
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(sdk().chat.completions.create(model="m", messages=calls.MESSAGES, **options))
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == 3


def test_curl_shows_a_stream_as_it_arrives(upstream, proxy):
    seen = threading.Event()
    events = [answers.event(answers.delta("first")), answers.event("[DONE]")]
    upstream.script(answers.stepwise([(None, events[0]), (seen, events[1])]))
    command = ["curl", "-sN", f"{proxy.origin}{CHAT}"]
    command += ["-H", f"Authorization: Bearer {calls.KEY}", "-H", "Content-Type: application/json"]
    command += ["-d", json.dumps({"messages": calls.MESSAGES, "stream": True})]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as curl:
        assert curl.stdout.readline() + curl.stdout.readline() == events[0]
        seen.set()
        assert curl.stdout.read() == events[1]
        assert curl.wait() == 0
