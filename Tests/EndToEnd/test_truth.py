"""Failures are reported as failures, even if the provider calls them a success."""

import json

import answers
import calls
import openai
import pytest

CHAT = "/scripted/v1/chat/completions"
FIRST = answers.event(answers.delta("Half"))
UNWRAPPED = {"type": "error", "code": "server_error", "message": "Overloaded.", "param": None, "sequence_number": 3}


def ask(sdk, **options):
    return sdk().chat.completions.create(model="m", messages=calls.MESSAGES, **options)


def contents(stream, got):
    for chunk in stream:
        got.append(chunk.choices[0].delta.content)


def test_a_stream_that_stops_without_done_is_an_error(upstream, sdk):
    upstream.script(answers.pieces([FIRST, b'data: {"cut']))
    got = []
    with pytest.raises(openai.APIError, match="incomplete") as caught:
        contents(ask(sdk, stream=True), got)
    assert got == ["Half"]
    assert caught.value.code == "upstream_truncated"


def test_expects_done_false_accepts_a_stream_without_done(upstream, sdk):
    upstream.script(answers.pieces([FIRST]))
    stream = sdk("undone").chat.completions.create(model="m", messages=calls.MESSAGES, stream=True)
    assert [chunk.choices[0].delta.content for chunk in stream] == ["Half"]


def test_an_empty_stream_is_an_error(upstream, sdk):
    for parts in ([], [b"\xef\xbb\xbf"], [answers.event("[DONE]")], [b": hello\n\n", answers.event("[DONE]")]):
        upstream.script(answers.pieces(parts))
        with pytest.raises(openai.APIError, match="without a single event") as caught:
            list(ask(sdk, stream=True))
        assert caught.value.code == "upstream_empty"


def test_a_stream_of_comments_is_an_error_even_without_done(upstream, sdk):
    upstream.script(answers.pieces([b": keepalive\n\n", b"\n"]))
    with pytest.raises(openai.APIError, match="without a single event") as caught:
        list(sdk("undone").chat.completions.create(model="m", messages=calls.MESSAGES, stream=True))
    assert caught.value.code == "upstream_empty"


def test_the_type_that_the_sdk_reads_completes_a_response(upstream, call):
    body = b"event: message\n" + answers.event({"response": {}, "type": "response.completed"})
    upstream.script(answers.pieces([body]))
    assert call("POST", "/scripted/v1/responses", {"input": "Hi", "stream": True}).body == body


def test_a_response_that_is_never_completed_is_an_error(upstream, sdk):
    upstream.script(answers.pieces([b"event: response.created\n" + answers.event({"type": "response.created"})]))
    with pytest.raises(openai.APIError, match="incomplete"):
        list(sdk().responses.create(model="m", input="Hi", stream=True))


@pytest.mark.parametrize(
    "event",
    [
        answers.event(answers.error("Overloaded.", "server_error")),
        answers.event({"error": "Overloaded."}),
        answers.event({**answers.delta(""), "error": {"code": 503, "message": "Overloaded."}}),
        b"event: error\n" + answers.event({"message": "Overloaded.", "code": 503}),
        b"event: error\n" + answers.event("Overloaded."),
        b'error: {"code":500,"message":"Overloaded.","type":"server_error"}\n\n',
        b"error:Overloaded.\r\n\r\n",
        answers.event({"errors": [{"message": "Overloaded."}]}),
        answers.event({"detail": "Overloaded."}),
        answers.event({"code": 500, "message": "Overloaded."}),
        answers.event("Overloaded."),
        answers.event('"Overloaded."'),
        b'{"error":{"message":"Overloaded.","code":503}}\n\n',
    ],
    ids=[
        "OpenAI's", "text", "in a chunk", "unwrapped", "not json", "llama.cpp's", "text in a field of its own",
        "a list", "FastAPI's", "a code", "bare text", "a JSON text", "no event",
    ],
)  # fmt: skip
def test_an_error_inside_a_stream_reaches_the_sdk_and_ends_it(upstream, sdk, event):
    upstream.script(answers.pieces([FIRST, event, answers.event(answers.delta("late")), answers.event("[DONE]")]))
    got = []
    with pytest.raises(openai.APIError, match="Overloaded"):
        contents(ask(sdk, stream=True), got)
    assert got == ["Half"]


@pytest.mark.parametrize("server", ["scripted", "undone"])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error":{"message":"Overloaded.","code":429}}', "Overloaded"),
        (b'{\n "error": {\n  "message": "Overloaded."\n }\n}\n', "Overloaded"),
        (b'{"detail":"Overloaded."}\n', "Overloaded"),
        (b"<html>\n\n<body>secret</body></html>", "a web page"),
        (b"Internal Server Error", "Internal Server Error"),
        (json.dumps(answers.completion()).encode(), "isn't a JSON object"),
    ],
    ids=["json", "many lines", "detail", "page", "text", "completion"],
)
def test_a_body_that_is_only_labelled_as_a_stream_is_an_error(upstream, sdk, server, body, words):
    upstream.script(answers.raw(200, answers.SSE, body))
    with pytest.raises(openai.APIError, match=words) as caught:
        list(sdk(server).chat.completions.create(model="m", messages=calls.MESSAGES, stream=True))
    assert "secret" not in str(caught.value)
    assert "expects_done" not in str(caught.value)


@pytest.mark.parametrize("path", ["/speech/v1/files/events", "/reverse/v1/messages"])
@pytest.mark.parametrize("rest", [b'event: x\ndata: {"a":', b"event: error\ndata: {}\n"])
def test_a_stream_of_an_unknown_dialect_that_ends_inside_an_event_is_cut_off(upstream, call, path, rest):
    upstream.script(answers.pieces([b"event: x\ndata: {}\n\n", rest]))
    with pytest.raises(calls.wire.Disconnected):
        call("POST", path, calls.chat(stream=True))


def test_an_error_event_of_the_responses_endpoint_reaches_the_sdk(upstream, sdk):
    upstream.script(answers.pieces([b"event: error\n" + answers.event(UNWRAPPED)]))
    with pytest.raises(openai.APIError, match="Overloaded") as caught:
        list(sdk().responses.create(model="m", input="Hi", stream=True))
    assert caught.value.code == "server_error"


def test_an_error_event_passes_byte_for_byte_and_nothing_after_it(upstream, call):
    event = b'id: 4\r\ndata: {"error" : {"message":"M\xc3\xbcde","more":1.0}}\r\n\r\n'
    upstream.script(answers.pieces([FIRST + event + answers.event("[DONE]")]))
    assert call("POST", CHAT, calls.chat(stream=True)).body == FIRST + event


def test_the_response_ends_at_done_without_waiting_for_the_upstream(upstream, call):
    def stay(exchange):
        exchange.start(200, answers.SSE)
        exchange.chunk(answers.stream_bytes("Whole"))
        exchange.until_the_other_side_leaves()

    upstream.script(stay)
    assert call("POST", CHAT, calls.chat(stream=True)).body == answers.stream_bytes("Whole")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ({"error": {"message": "Overloaded.", "code": 429}}, openai.RateLimitError, 429),
        ({"error": {"message": "Overloaded.", "status": 400}}, openai.BadRequestError, 400),
        ({"error": {"message": "Overloaded.", "code": "x"}}, openai.InternalServerError, 502),
        ({"error": "Overloaded."}, openai.InternalServerError, 502),
    ],
)
def test_an_error_with_status_200_raises_the_exception_of_its_own_status(upstream, sdk, body, kind, status):
    upstream.script(answers.plain(body, headers=[("x-request-id", "req_1")]))
    with pytest.raises(kind, match="Overloaded") as caught:
        ask(sdk)
    assert (caught.value.status_code, caught.value.request_id) == (status, "req_1")


def test_a_response_whose_error_is_null_is_a_success(upstream, call):
    body = json.dumps({"error": None, **answers.completion()}).encode()
    upstream.script(answers.plain(body))
    response = call("POST", CHAT, calls.chat())
    assert (response.status, response.body) == (200, body)


@pytest.mark.parametrize("beginning", [b"", b"{"])
def test_a_json_response_that_breaks_off_at_once_is_an_error(upstream, call, beginning):
    def break_off(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
        exchange.send(beginning)
        exchange.close()

    upstream.script(break_off)
    response = call("POST", CHAT, calls.chat())
    assert (response.status, response.error["code"]) == (502, "upstream_disconnected")
