"""The same requests through every door: what the provider gets, and what the caller gets."""

import base64
import json
import threading

import answers
import calls
import doors
import functions
import pytest
import tables
from doors import BUFFERED, CHAT, DOORS, FUNCTION_URL, LOAD_BALANCER, MULTI_VALUE, REST_API, STREAMED

TABLE = """
scripted:   {{url: "{up}/v1", token: "${{UPSTREAM_TOKEN}}", model: table-model, num_retries: 0}}
impatient:  {{url: "{up}/v1", token: other, timeout: 0.3, num_retries: 0}}
refusing:   {{url: "http://127.0.0.1:{closed}/v1", num_retries: 0}}
speech:     {{url: "{up}/v1", token: other, endpoints: [audio/speech, audio/transcriptions]}}
forwarding: {{url: "{up}/v1", token: other, forward_headers: [X-Several, X-Single]}}
page:       {{url: "{up}/root", reverse_proxy: true}}
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""
STREAM = calls.chat(stream=True)
AUDIO = bytes(range(256)) * 4


@pytest.fixture(scope="module")
def behind(session_upstream, closed_port):
    """Both functions. At the end each of them still serves."""
    table = TABLE.format(up=session_upstream.origin, closed=closed_port)
    with functions.behind_all_doors(table, UPSTREAM_TOKEN=tables.UPSTREAM_TOKEN) as functions_:
        yield functions_
        functions_.buffering.serves_on()
        functions_.streaming.serves_on()


@pytest.fixture(params=DOORS, ids=str)
def door(request):
    return request.param


def refused(response, status, code):
    assert (response.status, response.error["code"]) == (status, code), response.body
    assert response.header("content-type") == "application/json"


@pytest.mark.parametrize("value", ["streaming", "STREAM", "response_stream", "true", " buffer"])
def test_another_word_for_the_transfer_of_rest_apis_stops_the_start(value):
    said = functions.failed_start("s: {url: https://api.example/v1}\n", PROXY_REST_TRANSFER=value)
    assert "PROXY_REST_TRANSFER" in said and "stream" in said and "buffer" in said


@pytest.mark.parametrize("value", ["buffer", ""])
def test_buffering_is_the_default_for_rest_apis(session_upstream, closed_port, value):
    table = TABLE.format(up=session_upstream.origin, closed=closed_port)
    with functions.serving(table, PROXY_REST_TRANSFER=value) as function:
        assert doors.REST_API.response(function.ask(doors.REST_API.event("GET", "/health"))).status == 200


def test_a_chat_completion(behind, door, upstream):
    said = answers.completion('Grüße 👋 \u2028 "quoted"\n')
    upstream.script(answers.plain(said, headers=[("X-Request-Id", "of-the-provider")]))
    body = calls.chat(user="Zoë", model="m")
    response = behind.call(door, body=body, headers=[("OpenAI-Beta", "assistants=v2"), ("Cookie", "a=b")])
    assert response.status == 200
    assert response.body == json.dumps(said).encode()
    assert response.header("content-type") == "application/json"
    assert response.header("x-request-id") == "of-the-provider"
    assert response.header("x-proxy-attempts") == "1"
    request = upstream.request()
    assert (request.method, request.target, request.body) == ("POST", "/v1/chat/completions", body)
    assert request.header("authorization") == f"Bearer {tables.UPSTREAM_TOKEN}"
    assert request.header("openai-beta") == "assistants=v2"
    assert not {"cookie", "x-forwarded-for"} & request.header_names


def test_a_stream(behind, door, upstream):
    upstream.script(answers.stream("Grü", "ße ", "👋"))
    response = behind.call(door, body=STREAM)
    assert (response.status, response.body) == (200, answers.stream_bytes("Grü", "ße ", "👋"))
    assert response.header("content-type").startswith("text/event-stream")
    assert response.header("x-proxy-stream") == (None if door.is_streamed else "collected")


@pytest.mark.parametrize("door", STREAMED, ids=str)
def test_a_stream_begins_before_it_ends(behind, door, upstream):
    goes_on = threading.Event()
    upstream.script(answers.stepwise([(None, answers.event(answers.delta("a"))), (goes_on, answers.event("[DONE]"))]))
    function = behind.behind(door)
    invocation = function.thread.run(invoked(function.api, door.event(body=STREAM)))
    function.thread.run(invocation.until(answers.event(answers.delta("a"))))
    goes_on.set()
    answer = function.thread.run(finished(invocation))
    assert door.response(answer).body == answers.event(answers.delta("a")) + answers.event("[DONE]")


async def invoked(api, event):
    return api.invoke(event)


async def finished(invocation):
    return await invocation.answer


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
def test_an_error_of_the_provider(behind, door, upstream, stream):
    error = answers.error("Slow down.", "requests", "rate_limit_exceeded")
    upstream.script(answers.plain(error, 429, [("Retry-After", "7")]))
    response = behind.call(door, body=calls.chat(stream=stream))
    assert (response.status, response.json) == (429, error)
    assert response.header("retry-after") == "7"
    assert response.header("x-proxy-stream") is None


@pytest.mark.parametrize("key", [None, "a-wrong-key"])
def test_a_request_without_a_good_key(behind, door, upstream, key):
    refused(behind.call(door, body=calls.chat(), key=key), 401, "invalid_api_key")
    assert upstream.saw_nothing


@pytest.mark.parametrize("name", ["x-api-key", "X-Api-Key", "API-KEY", "AUTHORIZATION"])
def test_the_key_in_a_field_of_any_case(behind, door, upstream, name):
    upstream.script(answers.plain({}))
    value = f"Bearer {calls.KEY}" if name == "AUTHORIZATION" else calls.KEY
    assert behind.call(door, body=calls.chat(), key=None, headers=[(name, value)]).status == 200
    assert calls.KEY not in str(upstream.request().headers)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/nosuch/v1/chat/completions", 404, "unknown_server"),
        ("DELETE", CHAT, 405, "method_not_allowed"),
        ("GET", "/scripted/v1/models/a%00b", 400, "invalid_path"),
        ("GET", "/scripted/v1/models/../x", 400, "invalid_path"),
        ("POST", "/refusing/v1/chat/completions", 502, "upstream_refused"),
    ],
)
def test_errors_of_the_proxy(behind, door, upstream, method, path, status, code):
    refused(behind.call(door, method, path, calls.chat()), status, code)
    assert upstream.saw_nothing


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
def test_a_provider_that_takes_too_long(behind, door, upstream, stream):
    upstream.script(lambda exchange: exchange.until_the_other_side_leaves())
    path = "/impatient/v1/chat/completions"
    refused(behind.call(door, path=path, body=calls.chat(stream=stream)), 504, "upstream_timeout")


def test_addresses_of_the_proxy_itself(behind, door, upstream):
    assert behind.call(door, "GET", "/health", key=None).json["status"] == "ok"
    caller = behind.call(door, "GET", "/v1/me").json
    assert caller["object"] == "caller"
    upstream.always = answers.plain({"object": "list", "data": []})
    assert behind.call(door, "GET", "/v1/models").json["object"] == "list"
    response = behind.call(door, body=json.dumps({"model": "scripted/m", "messages": []}).encode(),
                           path="/v1/chat/completions")  # fmt: skip
    assert response.status == 200


def test_a_head_request_has_an_answer(behind, door, upstream):
    upstream.script(answers.raw(200, [("ETag", '"x"')], b""))
    response = behind.call(door, "HEAD", "/page/thing")
    assert (response.status, response.header("etag"), response.body.strip()) == (200, '"x"', b"")


@pytest.mark.parametrize("size", [1024, 500_000])
def test_a_binary_answer(behind, door, upstream, size):
    audio = (AUDIO * (size // len(AUDIO) + 1))[:size]
    upstream.script(answers.raw(200, [("Content-Type", "audio/mpeg")], audio))
    answer = behind.answer(door, path="/speech/v1/audio/speech", body=b'{"input": "Hi"}')
    response = door.response(answer)
    assert (response.status, response.header("content-type")) == (200, "audio/mpeg")
    assert response.body == audio
    if not door.is_streamed:
        assert json.loads(answer.raw)["isBase64Encoded"] is True


@pytest.mark.parametrize("door", BUFFERED, ids=str)
def test_text_is_not_put_in_base64(behind, door, upstream):
    upstream.script(answers.plain(answers.completion("Grüße")))
    told = json.loads(behind.answer(door, body=calls.chat()).raw)
    assert told.get("isBase64Encoded", False) is False and json.loads(told["body"]) == answers.completion("Grüße")


@pytest.mark.parametrize("encode", [True, False], ids=["base64", "text"])
def test_a_body_is_forwarded_byte_by_byte(behind, door, upstream, encode):
    body = ' {"model": "m",\r\n\t"messages": [], "x": "ü\\u00e9 \\"/\\/👋"}\n'.encode()
    upstream.script(answers.plain({}))
    assert behind.call(door, body=body, encode=encode).status == 200
    assert upstream.request().body == body


def test_a_binary_body_is_forwarded_byte_by_byte(behind, door, upstream):
    upstream.script(answers.plain({"text": "Hi"}))
    kind = "multipart/form-data; boundary=b"
    response = behind.call(
        door, path="/speech/v1/audio/transcriptions", body=AUDIO, encode=True, headers=[("Content-Type", kind)]
    )
    assert response.status == 200
    request = upstream.request()
    assert (request.body, request.header("content-type")) == (AUDIO, kind)


def test_text_that_looks_like_base64_stays_as_it_is(behind, door, upstream):
    """Only `isBase64Encoded` says what a body is."""
    body = base64.b64encode(b'{"model": "m"}')
    upstream.script(answers.plain({}))
    assert behind.call(door, path="/speech/v1/audio/speech", body=body).status == 200
    assert upstream.request().body == body


def test_several_values_of_a_field(behind, door, upstream):
    upstream.script(answers.plain({}))
    fields = [("X-Several", "1"), ("x-SEVERAL", "2"), ("X-Single", "ü")]
    path = "/forwarding/v1/chat/completions"
    assert behind.call(door, path=path, body=calls.chat(), headers=fields).status == 200
    values = [value for name, value in upstream.request().headers if name.lower() == "x-several"]
    joined = [value.strip() for text in values for value in text.split(",")]
    assert joined == (["2"] if door is LOAD_BALANCER else ["1", "2"])


def test_several_fields_of_the_answer(behind, door, upstream):
    """A mapping has one value for each name, so they are joined."""
    fields = [("X-RateLimit-Limit", "1"), ("Cache-Control", "no-store"), ("Cache-Control", "private")]
    upstream.script(answers.plain({}, headers=fields))
    response = behind.call(door, "GET", "/page/thing")
    assert [value.strip() for value in response.header("cache-control").split(",")] == ["no-store", "private"]


OVERLOADED = answers.event(answers.error("Overloaded.", "server_error", "overloaded"))
FIRST = answers.event(answers.delta("a"))


def reset(exchange):
    exchange.start(200, answers.SSE)
    exchange.chunk(FIRST)
    exchange.reset()


@pytest.mark.parametrize(
    ("script", "status", "code"),
    [
        (answers.pieces([FIRST]), 502, "upstream_truncated"),
        (answers.pieces([FIRST, OVERLOADED]), 502, "overloaded"),
        (reset, 502, "upstream_disconnected"),
        (answers.plain({"object": "thing"}), None, None),
    ],
    ids=["no end", "error", "reset", "no stream"],
)
def test_a_stream_that_fails_on_the_way(behind, door, upstream, script, status, code):
    upstream.script(script)
    response = behind.call(door, body=STREAM)
    if status is None:
        status, code = (200, None) if response.status == 200 else (502, "upstream_not_streaming")
    if door.is_streamed:
        assert response.status in (200, 502) and (code or "thing").encode() in response.body
    elif code is None:
        assert response.json == {"object": "thing"}
    else:
        refused(response, status, code)
        assert response.header("x-proxy-stream") is None


# One door for each limit: no size is too large for the first one.
BY_LIMIT = [FUNCTION_URL, REST_API, LOAD_BALANCER]


def filler(size, character="x"):
    return answers.plain(json.dumps(answers.completion(character * size), ensure_ascii=False).encode())


@pytest.mark.parametrize("door", BY_LIMIT, ids=str)
@pytest.mark.parametrize(
    ("size", "character"),
    [(5_500_000, "x"), (2_700_000, "ü"), (1_300_000, "\U0001f600")],
)
def test_an_answer_that_just_fits(behind, door, upstream, size, character):
    if door.largest == doors.LARGEST_OF_LOAD_BALANCER:
        size //= 6
    upstream.script(filler(size, character))
    response = behind.call(door, body=calls.chat())
    assert response.status == 200
    assert response.json["choices"][0]["message"]["content"] == character * size


# In escaped form each quotation mark takes four bytes: two in the completion, and one more for each of them here.
TOO_LARGE = {
    "text": filler(6_500_000),
    "escapes": answers.plain(answers.completion('"' * 2_000_000)),
    "binary": answers.raw(200, [("Content-Type", "audio/mpeg")], AUDIO * 5000),
    "chunks": answers.pieces([b"x" * 1_000_000] * 7, answers.JSON),
}


@pytest.mark.parametrize("kind", TOO_LARGE)
@pytest.mark.parametrize("door", BY_LIMIT, ids=str)
def test_an_answer_that_is_too_large(behind, door, upstream, kind):
    upstream.script(TOO_LARGE[kind])
    response = behind.call(door, path="/speech/v1/audio/speech", body=b"{}")
    if door.is_streamed:
        assert response.status == 200 and len(response.body) > 4_000_000
    else:
        refused(response, 502, "response_too_large")


@pytest.mark.parametrize("door", BY_LIMIT[1:], ids=str)
def test_a_stream_that_is_too_large(behind, door, upstream):
    upstream.script(answers.pieces([answers.event(answers.delta("x" * 100_000))] * 70 + [answers.event("[DONE]")]))
    refused(behind.call(door, body=STREAM), 502, "response_too_large")


@pytest.mark.parametrize("door", [LOAD_BALANCER, MULTI_VALUE], ids=str)
@pytest.mark.parametrize("script", [filler(1_100_000), answers.raw(200, [("Content-Type", "audio/x")], AUDIO * 800)])
def test_a_load_balancer_takes_less(behind, door, upstream, script):
    upstream.script(script)
    refused(behind.call(door, path="/speech/v1/audio/speech", body=b"{}"), 502, "response_too_large")


def test_a_large_body_of_the_caller(behind, door, upstream):
    upstream.script(answers.plain({}))
    body = calls.chat(padding="x" * (900_000 if door.largest == doors.LARGEST_OF_LOAD_BALANCER else 4_000_000))
    assert behind.call(door, body=body, encode=True).status == 200
    assert upstream.request().body == body
