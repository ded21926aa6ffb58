"""Providers that don't label their streams, label something else as a stream, or refuse to report usage."""

import json

import answers
import calls
import openai
import pytest
import records
import sdks
import wire

TABLE = """
up: {{url: "{up}/v1", num_retries: 0, stream_usage: auto}}
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""
PATH = "/up/v1/chat/completions"
USAGE = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
EVENTS = [
    answers.event(answers.delta("Hel")), answers.event(answers.delta("lo")),
    answers.event({"choices": [], "usage": USAGE}), answers.event("[DONE]"),
]  # fmt: skip
REFUSAL = answers.plain(answers.error("Unrecognized request argument supplied: stream_options"), 400)


@pytest.fixture
def program(start, upstream):
    """A new one for each test, because it remembers which servers refuse."""
    return start(TABLE.format(up=upstream.origin))


@pytest.fixture(scope="module")
def shared(start, session_upstream):
    return start(TABLE.format(up=session_upstream.origin))


def streamed(origin):
    client = sdks.client(openai.OpenAI, origin, "up")
    chunks = list(client.chat.completions.create(model="m", messages=calls.MESSAGES, stream=True))
    assert all(chunk.choices for chunk in chunks), "the hidden usage is shown"
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


@pytest.mark.parametrize("headers", [[], [("Content-Type", "text/plain")], answers.JSON])
def test_the_sdk_can_read_an_unlabelled_stream(upstream, shared, headers):
    upstream.script(answers.pieces(EVENTS, headers), answers.pieces(EVENTS, headers))
    assert streamed(shared.origin) == "Hello"
    response = calls.call(shared.origin, "POST", PATH, calls.chat(stream=True))
    record = records.of(shared, response)
    assert (record["gen_ai.usage.input_tokens"], record["gen_ai.usage.output_tokens"]) == (7, 5)
    assert response.header("content-type") == "text/event-stream; charset=utf-8"


def test_an_unlabelled_stream_that_breaks_off_is_an_error(upstream, shared):
    upstream.script(answers.pieces(EVENTS[:1], []))
    with pytest.raises(openai.APIError, match="incomplete"):
        streamed(shared.origin)


def test_json_labelled_as_a_stream_passes_untouched(upstream, shared):
    body = json.dumps(answers.completion()).encode()
    upstream.script(answers.raw(200, answers.SSE, body))
    response = calls.call(shared.origin, "POST", PATH, calls.chat())
    assert (response.body, response.header("content-type")) == (body, answers.SSE[0][1])
    assert records.of(shared, response)["gen_ai.usage.output_tokens"] == 2


def test_a_provider_that_refuses_stream_options_is_not_sent_them_again(upstream, program):
    upstream.script(REFUSAL, answers.stream("Hello"), answers.stream("Hello"))
    first = calls.call(program.origin, "POST", PATH, calls.chat(stream=True))
    assert (first.status, first.header("x-proxy-attempts")) == (200, "2")
    assert first.body == answers.stream_bytes("Hello")
    second = calls.call(program.origin, "POST", PATH, calls.chat(stream=True))
    assert second.header("x-proxy-attempts") == "1"
    bodies = [upstream.request().json for _ in range(3)]
    assert [body.get("stream_options") for body in bodies] == [{"include_usage": True}, None, None]
    assert records.of(program, first)["attempts"] == 2
    records.of(program, second)
    assert program.log.count("stream_usage: off") == 1


def test_a_caller_that_asked_for_usage_gets_the_refusal(upstream, program):
    upstream.script(REFUSAL)
    body = calls.chat(stream=True, stream_options={"include_usage": True})
    response = calls.call(program.origin, "POST", PATH, body)
    assert (response.status, response.header("x-proxy-attempts")) == (400, "1")


@pytest.mark.parametrize("headers", [[], [("Content-Type", "text/plain")]])
def test_unlabelled_json_is_metered_and_its_errors_are_found(upstream, shared, headers):
    body = json.dumps(answers.completion()).encode()
    error = b'{"error":{"message":"no","code":429}}'
    upstream.script(answers.raw(200, headers, body), answers.raw(200, headers, error))
    response = calls.call(shared.origin, "POST", PATH, calls.chat())
    assert (response.status, response.body) == (200, body)
    assert records.of(shared, response)["gen_ai.usage.output_tokens"] == 2
    assert calls.call(shared.origin, "POST", PATH, calls.chat()).status == 429


def test_a_refusal_that_does_not_name_the_field_has_the_same_effect(upstream, program):
    refusal = answers.plain(answers.error("Additional properties are not allowed"), 400)
    upstream.script(refusal, answers.stream("Hello"))
    response = calls.call(program.origin, "POST", PATH, calls.chat(stream=True))
    assert (response.status, response.body) == (200, answers.stream_bytes("Hello"))


NOTHING = {
    "nothing": (b"", "upstream_empty"),
    "blanks": (b" \r\n\n", "upstream_empty"),
    "page": (b"<!doctype html><p>Welcome", "upstream_not_json"),
    "text": (b"OK", "upstream_not_json"),
    "null": (b"null", "upstream_not_json"),
    "cut off": (b'{"id": "a", "choi', "upstream_not_json"),
}


@pytest.mark.parametrize("content_type", [None, "application/json", "text/html"])
@pytest.mark.parametrize("body", NOTHING)
def test_a_success_without_an_answer_is_an_error_for_the_sdk(upstream, shared, body, content_type):
    body, code = NOTHING[body]
    headers = [("Content-Type", content_type)] if content_type else []
    upstream.script(*[answers.raw(200, headers, body)] * 4)
    client = sdks.client(openai.OpenAI, shared.origin, "up")
    for ask in [
        lambda: client.chat.completions.create(model="m", messages=calls.MESSAGES),
        lambda: list(client.chat.completions.create(model="m", messages=calls.MESSAGES, stream=True)),
        lambda: client.embeddings.create(model="m", input="Hi"),
        lambda: client.models.list(),
    ]:
        with pytest.raises(openai.InternalServerError, match="answered 200") as caught:
            ask()
        assert caught.value.code == code


WORDS = {
    "text": (b"Model is overloaded", openai.InternalServerError),
    "long text behind blanks": (b"\n" * 5000 + b"Model is overloaded", openai.InternalServerError),
    "detail": (b'{"detail": "Model is overloaded"}', openai.InternalServerError),
    "message": (b'{"message": "Model is overloaded", "code": 429}', openai.RateLimitError),
    "errors": (b'{"success": false, "errors": [{"message": "Model is overloaded"}]}', openai.InternalServerError),
    "error behind": (b'{"id": null, "error": {"message": "Model is overloaded"}}', openai.InternalServerError),
    "large": (
        b'{"error": {"message": "Model is overloaded", "code": 400}, "x": "' + b"x" * 300_000 + b'"}',
        openai.BadRequestError,
    ),
    "events": (answers.event(answers.error("Model is overloaded")), openai.InternalServerError),
    "field": (b'error: {"message": "Model is overloaded"}\n\n', openai.InternalServerError),
}


@pytest.mark.parametrize("content_type", ["application/json", "text/event-stream", "text/plain"])
@pytest.mark.parametrize("body", WORDS)
def test_text_in_place_of_an_answer_reaches_the_sdk(upstream, shared, body, content_type):
    body, error = WORDS[body]
    upstream.script(answers.raw(200, [("Content-Type", content_type)], body))
    client = sdks.client(openai.OpenAI, shared.origin, "up")
    with pytest.raises(error, match="Model is overloaded") as caught:
        client.chat.completions.create(model="m", messages=calls.MESSAGES)
    assert "x" * 2000 not in str(caught.value)


def test_a_stream_that_was_not_asked_for_is_an_error_for_the_sdk(upstream, shared):
    upstream.script(answers.pieces(EVENTS))
    client = sdks.client(openai.OpenAI, shared.origin, "up", max_retries=2)
    with pytest.raises(openai.InternalServerError, match="although the request has no 'stream: true'") as caught:
        client.chat.completions.create(model="m", messages=calls.MESSAGES)
    assert (caught.value.code, caught.value.response.headers["x-should-retry"]) == ("upstream_not_json", "false")
    upstream.request()
    assert upstream.saw_nothing


def test_a_byte_order_mark_among_spaces_does_not_crash_the_process(upstream, shared):
    mark, blanks, body = b"\xef\xbb\xbf", b"\n" * 50_000, json.dumps(answers.completion()).encode()
    upstream.script(answers.pieces([mark + blanks, body], answers.JSON), answers.pieces([blanks, mark], answers.JSON))
    assert calls.call(shared.origin, "POST", PATH, calls.chat()).body == mark + blanks + body
    with pytest.raises(wire.Disconnected):
        calls.call(shared.origin, "POST", PATH, calls.chat())
    upstream.script(answers.plain(answers.completion()))
    assert calls.call(shared.origin, "POST", PATH, calls.chat()).status == 200


@pytest.mark.parametrize("status", [200, 500])
def test_a_web_page_in_an_error_is_left_out(upstream, shared, status):
    bodies = [
        b'{"error": "<html>secret</html>"}', b'{"error": {"message": "no <html>secret</html>"}}',
        b'{"message": "upstream error", "detail": "<html>secret</html>"}', b"upstream error: <!DOCTYPE html>secret",
    ]  # fmt: skip
    upstream.script(*[answers.raw(status, answers.JSON, body) for body in bodies])
    for _ in bodies:
        response = calls.call(shared.origin, "POST", PATH, calls.chat())
        assert response.status == (502 if status == 200 else status)
        assert response.error["message"] and b"secret" not in response.body


def test_a_success_without_an_answer_is_retried(upstream, start):
    program = start(TABLE.format(up=upstream.origin).replace("num_retries: 0", "num_retries: 1"))
    upstream.script(answers.raw(200, answers.JSON, b""), answers.plain(answers.completion()))
    response = calls.call(program.origin, "POST", PATH, calls.chat())
    assert (response.status, response.header("x-proxy-attempts")) == (200, "2")


def test_a_long_json_response_that_is_cut_off_is_an_error_for_the_sdk(upstream, shared):
    body = json.dumps(answers.completion("x" * 10_000)).encode()[:-9]
    upstream.script(answers.raw(200, answers.JSON, body))
    with pytest.raises(openai.APIConnectionError):
        client = sdks.client(openai.OpenAI, shared.origin, "up")
        client.chat.completions.create(model="m", messages=calls.MESSAGES)


@pytest.mark.parametrize("coding", ["none", "utf-8", "UTF8", "", "identity", "binary", "application/json"])
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_a_content_encoding_that_names_no_encoding_is_ignored(upstream, shared, coding, stream):
    body = answers.stream_bytes("Hello") if stream else json.dumps(answers.completion()).encode()
    headers = [*(answers.SSE if stream else answers.JSON), ("Content-Encoding", coding)]
    upstream.script(answers.raw(200, headers, body))
    response = calls.call(shared.origin, "POST", PATH, calls.chat(stream=stream))
    assert (response.status, response.body, response.header("content-encoding")) == (200, body, None)


@pytest.mark.parametrize("coding", ["gzip", "X-GZIP", "br", "none, zstd"])
def test_an_encoding_that_was_not_asked_for_is_refused(upstream, shared, coding):
    upstream.script(answers.plain(answers.completion(), headers=[("Content-Encoding", coding)]))
    response = calls.call(shared.origin, "POST", PATH, calls.chat())
    assert (response.status, response.error["code"]) == (502, "upstream_encoded")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([{"error": {"code": 429, "message": "Slow down."}}], openai.RateLimitError),
        ({"object": "error", "message": "Slow down.", "code": 429}, openai.RateLimitError),
        ({"errors": [{"message": "Slow down."}]}, openai.InternalServerError),
    ],
    ids=["array", "object", "errors"],
)
def test_an_error_in_another_shape_with_status_200_is_an_error(upstream, shared, body, code):
    upstream.script(*[answers.plain(body)] * 2)
    client = sdks.client(openai.OpenAI, shared.origin, "up")
    for stream in (False, True):
        with pytest.raises(code, match="Slow down"):
            client.chat.completions.create(model="m", messages=calls.MESSAGES, stream=stream)
