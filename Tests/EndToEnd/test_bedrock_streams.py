"""Event streams of Bedrock that are cut, damaged, strange or silent. After each of them the next request is served."""

import json
import threading

import bedrock_answers as says
import calls
import event_stream
import openai
import pytest
from bedrock_servers import CLAUDE
from openai_requests import ASK

PATH = "/bedrock/v1/chat/completions"
BODY = calls.chat(model=CLAUDE, stream=True)
FRAMES = says.events(says.text("Hello"))
WHOLE = b"".join(FRAMES)
DONE = b"data: [DONE]\n\n"


def ask(proxy):
    return calls.call(proxy.origin, "POST", PATH, BODY)


def events(body):
    """The events of a stream, without [DONE]."""
    lines = [line.removeprefix("data: ") for line in body.decode().split("\n\n") if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def content(body):
    deltas = [event["choices"][0]["delta"] for event in events(body) if event.get("choices")]
    return "".join(delta.get("content") or "" for delta in deltas)


def is_served(bedrock, proxy):
    bedrock.script(says.message(says.text("Next.")))
    body = ask(proxy).body
    return content(body) == "Next." and body.endswith(DONE)


def test_pieces_of_any_size_make_the_same_stream(bedrock, bedrock_proxy):
    for size in (1, 7, 100, len(WHOLE)):
        bedrock.script(says.pieces(*[WHOLE[begin : begin + size] for begin in range(0, len(WHOLE), size)]))
        body = ask(bedrock_proxy).body
        assert content(body) == "Hello" and body.endswith(DONE), size


@pytest.mark.parametrize("end", ["end", "reset"])
def test_a_stream_that_is_cut_at_any_byte_is_never_taken_for_a_whole_one(bedrock, bedrock_proxy, end):
    """It is whole with its stop reason; only what follows may be missing."""
    stopped = sum(map(len, FRAMES[:-1]))
    step = 1 if end == "end" else 29
    for length in range(0, stopped, step):
        bedrock.script(says.pieces(WHOLE[:length], end=end))
        response = ask(bedrock_proxy)
        assert DONE not in response.body, length
        if response.status == 200:
            assert events(response.body)[-1]["error"]["message"], length
            assert "Hello".startswith(content(response.body))
        else:
            assert response.status == 502 and response.error["code"], length
    assert is_served(bedrock, bedrock_proxy)


def test_a_stream_that_ends_between_its_stop_and_its_usage_is_complete_without_usage(bedrock, bedrock_proxy):
    bedrock.script(says.pieces(*FRAMES[:-1]))
    body = ask(bedrock_proxy).body
    assert content(body) == "Hello" and body.endswith(DONE)


DAMAGED = {
    "a wrong CRC of the message": event_stream.with_wrong_crc(FRAMES[1]),
    "a wrong CRC of the prelude": event_stream.with_wrong_crc(FRAMES[1], of_prelude=True),
    "a huge message": event_stream.with_length(FRAMES[1], 0xFFFFFFFF),
    "a message of 1 GB": event_stream.with_length(FRAMES[1], 1 << 30),
    "a message of 15 bytes": event_stream.with_length(FRAMES[1], 15),
    "a message of no bytes": event_stream.with_length(FRAMES[1], 0),
    "headers that are too long": event_stream.message(b"\x05:even\x07\xff\xff", b"{}"),
    "an unknown type of header": event_stream.message(b"\x01a\x0b", b"{}"),
    "a header twice": event_stream.event("messageStart", {}, event_stream.header(":event-type", "a")),
    "no JSON": event_stream.message(FRAMES[1][12 : 12 + FRAMES[1][7]], b"{"),
    "text": b"Internal Server Error\r\n",
}


@pytest.mark.parametrize("before", [0, 2])
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_stream_is_an_error(bedrock, bedrock_proxy, damage, before):
    bedrock.script(says.pieces(*FRAMES[:before], DAMAGED[damage], *FRAMES[before:]))
    response = ask(bedrock_proxy)
    assert DONE not in response.body
    if before:
        assert content(response.body) == "Hello" and events(response.body)[-1]["error"]["message"]
    elif response.status == 200:
        assert damage == "no JSON", "the status is known before a message's text is read"
        assert not content(response.body) and events(response.body)[-1]["error"]["message"]
    else:
        assert response.status == 502 and response.error["message"]
    assert is_served(bedrock, bedrock_proxy)


def test_what_is_new_in_a_stream_is_ignored(bedrock, bedrock_proxy):
    kinds = {0: b"", 1: b"", 2: b"\1", 3: b"\0\1", 4: b"\0\0\0\1", 5: bytes(8), 6: b"ab", 8: bytes(8), 9: bytes(16)}
    more = b"".join(event_stream.header(f"h{kind}", value, kind) for kind, value in kinds.items())
    news = [
        event_stream.event("somethingNew", {"contentBlockIndex": 0}),
        event_stream.event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"hologram": {"x": 1}}}),
        event_stream.event(
            "contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": " there"}, "new": [1]}, more
        ),
    ]
    assert event_stream.decoded(b"".join(news))
    bedrock.script(says.pieces(*FRAMES[:2], *news, *FRAMES[2:]))
    body = ask(bedrock_proxy).body
    assert content(body) == "Hello there" and body.endswith(DONE)


def test_a_server_tool_of_nova_is_hidden(bedrock, bedrock_proxy):
    used = {"toolUse": {"toolUseId": "s1", "name": "nova_code", "type": "server_tool_use"}}
    hidden = [
        ("contentBlockStart", {"contentBlockIndex": 0, "start": used}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": '{"code": "1"}'}}}),
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("contentBlockStart", {"contentBlockIndex": 1, "start": {"toolResult": {"toolUseId": "s1"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"toolResult": [{"text": "1"}]}}),
        ("contentBlockStop", {"contentBlockIndex": 1}),
    ]
    frames = [event_stream.event(name, value) for name, value in hidden]
    bedrock.script(says.pieces(FRAMES[0], *frames, *FRAMES[1:]))
    body = ask(bedrock_proxy).body
    assert content(body) == "Hello" and b"tool_calls" not in body and body.endswith(DONE)


def test_silence_is_filled_with_comments(bedrock, bedrock_proxy):
    """As while a model forms the arguments of a call."""
    go_on = threading.Event()
    bedrock.script(says.stepwise((None, b"".join(FRAMES[:2])), (go_on, b"".join(FRAMES[2:]))))
    with calls.opened(bedrock_proxy.origin, "POST", "/talkative/v1/chat/completions", BODY) as (_, pieces):
        body = b""
        while body.count(b": keepalive\n") < 2:
            body += next(pieces)
        go_on.set()
        body += b"".join(pieces)
    assert content(body.replace(b": keepalive\n", b"")) == "Hello" and body.endswith(DONE)


def test_silence_before_the_first_event_is_filled_too(bedrock, bedrock_proxy):
    go_on = threading.Event()
    bedrock.script(says.stepwise((go_on, WHOLE)))
    with calls.opened(bedrock_proxy.origin, "POST", "/talkative/v1/chat/completions", BODY) as (head, pieces):
        assert head.status == 200
        body = next(pieces)
        assert body.startswith(b": keepalive\n")
        go_on.set()
        body += b"".join(pieces)
    assert content(body.replace(b": keepalive\n", b"")) == "Hello" and body.endswith(DONE)


def test_a_plain_answer_that_is_cut_is_an_error(bedrock, bedrock_sdk, bedrock_proxy):
    def cut(exchange):
        exchange.start(200, says.JSON)
        exchange.chunk(b'{"output": {"message": {"role": "assistant", "content": [{"text": "He')
        exchange.reset()

    bedrock.script(cut)
    with pytest.raises((openai.APIConnectionError, openai.InternalServerError)):
        bedrock_sdk().chat.completions.create(model=CLAUDE, messages=[ASK])
    assert is_served(bedrock, bedrock_proxy)


def test_a_stream_that_was_not_asked_for_is_an_error(bedrock, bedrock_sdk, bedrock_proxy):
    bedrock.script(says.pieces(WHOLE))
    with pytest.raises(openai.InternalServerError) as caught:
        bedrock_sdk().chat.completions.create(model=CLAUDE, messages=[ASK])
    assert caught.value.status_code == 502
    assert is_served(bedrock, bedrock_proxy)
