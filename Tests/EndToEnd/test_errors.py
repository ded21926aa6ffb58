"""Upstream errors, as the SDK sees them."""

import json

import answers
import calls
import openai
import pytest

CLASSES = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    503: openai.InternalServerError,
}


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("status", CLASSES)
def test_an_upstream_error_passes_untouched(upstream, sdk, status, stream):
    body = b'{ "error": {"message": "Nein \xc3\xbc", "type":"t", "param":"p", "code":"c", "more": 1.0}}\n'
    upstream.script(answers.plain(body, status))
    with pytest.raises(CLASSES[status]) as caught:
        sdk().chat.completions.create(model="m", messages=calls.MESSAGES, stream=stream)
    assert caught.value.status_code == status
    assert caught.value.response.content == body
    assert (caught.value.type, caught.value.param, caught.value.code) == ("t", "p", "c")


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        (502, "text/html", b"<html><h1>502 Bad Gateway</h1></html>"),
        (503, "text/plain", b""),
        (422, "application/json", b'{"detail": "no such field"}'),
        (500, "application/json", b'{"error": "cut o'),
        (404, "application/json", b'"error"'),
    ],
    ids=["html", "empty", "detail", "broken json", "json text"],
)
def test_an_error_in_another_shape_is_wrapped_and_keeps_its_status(upstream, call, status, content_type, body):
    upstream.script(answers.raw(status, [("Content-Type", content_type)], body))
    response = call("POST", "/scripted/v1/chat/completions", calls.chat())
    assert response.status == status
    assert response.header("content-type") == "application/json"
    assert "scripted" in response.error["message"]


def test_the_reason_in_a_wrapped_error_is_kept(upstream, sdk):
    upstream.script(answers.plain({"detail": "no such field"}, 422))
    with pytest.raises(openai.UnprocessableEntityError, match="no such field"):
        sdk().chat.completions.create(model="m", messages=calls.MESSAGES)


WORDS = "There is no such thing."
TEXT = json.dumps(WORDS).encode()
SHAPES = {
    "text": TEXT,
    "error text": b'{"error": %s}' % TEXT,
    "array": b'[{"error": {"code": 7, "message": %s, "status": "NOT_FOUND"}}]' % TEXT,
    "errors": b'{"errors": [{"message": %s}]}' % TEXT,
    "error texts": b'{"errors": [%s]}' % TEXT,
    "errors by field": b'{"errors": {"model": [%s]}}' % TEXT,
    "null error": b'{"error": null, "message": %s}' % TEXT,
    "nested error": b'{"error": {"error": {"message": %s}}}' % TEXT,
    "error detail": b'{"error": {"metadata": {"a": 1}, "detail": %s}}' % TEXT,
    "details": b'{"detail": [{"loc": ["body", "model"], "msg": %s, "type": "missing"}]}' % TEXT,
    "problem": b'{"type": "about:blank", "title": "Not Found", "detail": %s}' % TEXT,
    "fault": b'{"fault": {"faultstring": %s}}' % TEXT,
    "base_resp": b'{"base_resp": {"status_code": 1004, "status_msg": %s}}' % TEXT,
    "error_msg": b'{"error_code": 17, "error_msg": %s}' % TEXT,
    "vLLM": b'{"object": "error", "message": %s, "type": "NotFoundError", "code": 404}' % TEXT,
    "plain text": WORDS.encode(),
    "marked json": b'\xef\xbb\xbf{"detail": %s}' % TEXT,
    "event": b': hello\r\n\r\nevent: error\r\ndata: {"message": %s}\r\n\r\n' % TEXT,
    "data": b'data: {"error": {"message": %s}}\n\n' % TEXT,
    "lines of json": b'{"status": "loading"}\n{"error": %s}\n' % TEXT,
    "cut off": b'{"error": {"message": %s, "co' % TEXT,
}


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_message_of_an_error_in_any_shape_reaches_the_sdk(upstream, sdk, shape, stream):
    upstream.script(answers.raw(404, [("Content-Type", "text/plain")], SHAPES[shape]))
    with pytest.raises(openai.NotFoundError, match=WORDS) as caught:
        sdk().chat.completions.create(model="m", messages=calls.MESSAGES, stream=stream)
    assert set(caught.value.body) == {"message", "type", "param", "code"}


def test_type_param_and_code_of_an_error_in_another_shape_are_kept(upstream, sdk):
    upstream.script(*[answers.raw(404, answers.JSON, SHAPES[shape]) for shape in ("array", "details", "vLLM")])
    for expected in [("NOT_FOUND", None, "7"), ("missing", "model", None), ("NotFoundError", None, "404")]:
        with pytest.raises(openai.NotFoundError) as caught:
            sdk().models.retrieve("m")
        assert (caught.value.type, caught.value.param, caught.value.code) == expected


@pytest.mark.parametrize(
    "page",
    [
        b"<html>Secrets</html>",
        b"\n <!doctype html>Secrets",
        b"\xef\xbb\xbf<?xml version='1.0'?><Secrets/>",
        b"Secrets\0\1\2\3",
    ],
    ids=["html", "doctype", "xml", "binary"],
)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
def test_a_web_page_is_left_out_of_an_error_whatever_its_label(upstream, call, page, content_type):
    upstream.script(answers.raw(503, [("Content-Type", content_type)], page))
    response = call("POST", "/scripted/v1/chat/completions", calls.chat())
    assert response.status == 503
    assert response.error["message"] == "The server 'scripted' answered 503."


def test_the_headers_for_waiting_arrive(upstream, call):
    told = {"retry-after": "7", "retry-after-ms": "7100", "x-should-retry": "true", "x-request-id": "req_1"}
    told |= {"request-id": "req_2"}
    told |= {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-tokens": "6m0s", "openai-processing-ms": "5"}
    upstream.script(answers.plain(answers.error(), 429, told.items()))
    response = call("POST", "/scripted/v1/chat/completions", calls.chat())
    assert response.status == 429
    assert {name: response.header(name) for name in told} == told


def test_the_sdk_obeys_x_should_retry(upstream, sdk):
    upstream.script(answers.plain(answers.error(), 429, [("retry-after-ms", "1")]), answers.stream("Now."))
    client = sdk().with_options(max_retries=1)
    chunks = list(client.chat.completions.create(model="m", messages=calls.MESSAGES, stream=True))
    assert chunks[0].choices[0].delta.content == "Now."


def test_a_stream_that_breaks_off_is_an_error(upstream, sdk):
    def break_off(exchange):
        exchange.start(200, answers.SSE)
        exchange.chunk(answers.event(answers.delta("Half")))
        exchange.chunk(b'data: {"choi')
        exchange.reset()

    upstream.script(break_off)
    got = []
    with pytest.raises(openai.APIError):
        for chunk in sdk().chat.completions.create(model="m", messages=calls.MESSAGES, stream=True):
            got.append(chunk.choices[0].delta.content)
    assert got == ["Half"]


def test_a_plain_response_that_breaks_off_is_an_error(upstream, sdk):
    def break_off(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
        exchange.reset()

    upstream.script(break_off)
    with pytest.raises((openai.APIConnectionError, openai.InternalServerError)):
        sdk().chat.completions.create(model="m", messages=calls.MESSAGES)


def test_a_redirect_is_not_followed(upstream, call):
    upstream.script(answers.raw(302, [("Location", f"{upstream.origin}/elsewhere")], b""))
    assert call("POST", "/scripted/v1/chat/completions", calls.chat()).status == 502
    upstream.request()
    assert upstream.saw_nothing


OURS = [("GET", "/health"), ("GET", "/v1/models"), ("POST", "/v1/models"), ("GET", "/nosuch"), ("GET", "/%zz")]
OURS += [("POST", "/refusing/v1/chat/completions"), ("GET", "/scripted/v1/files")]


@pytest.mark.parametrize("key", [calls.KEY, None])
@pytest.mark.parametrize(("method", "path"), OURS)
def test_every_response_of_the_proxy_itself_has_a_request_id_and_is_not_cached(call, method, path, key):
    response = call(method, path, calls.chat() if method == "POST" else b"", key=key)
    assert response.header("x-request-id") == response.header("x-proxy-request-id") != None  # noqa: E711
    assert response.header("cache-control") == ("no-store" if path == "/health" else "private, no-store")


@pytest.mark.parametrize("theirs", [None, "", "req_1"])
@pytest.mark.parametrize("status", [200, 500])
def test_a_response_has_a_request_id_from_the_provider_or_the_proxy(upstream, call, theirs, status):
    upstream.script(answers.plain(answers.error(), status, [] if theirs is None else [("x-request-id", theirs)]))
    response = call("POST", "/scripted/v1/chat/completions", calls.chat())
    assert response.header("x-request-id") == (theirs or response.header("x-proxy-request-id"))


def test_the_sdk_shows_the_request_id_of_the_proxys_own_responses(sdk):
    with pytest.raises(openai.APIStatusError) as caught:
        sdk("refusing").chat.completions.create(model="m", messages=calls.MESSAGES, stream=True)
    assert caught.value.request_id == caught.value.response.headers["x-proxy-request-id"]


@pytest.mark.parametrize("path", ["models", "models/m", "models/ft:m"])
@pytest.mark.parametrize("status", [200, 404])
def test_a_list_of_models_is_never_cached(upstream, call, path, status):
    body = {"object": "list", "data": []} if status == 200 else answers.error()
    upstream.script(answers.plain(body, status, [("Cache-Control", "public, max-age=3600")]))
    response = call("GET", f"/scripted/v1/{path}")
    assert (response.status, response.header("cache-control")) == (status, "private, no-store")


def test_a_providers_cache_control_is_kept_for_other_responses(upstream, call):
    upstream.script(answers.plain(answers.completion(), headers=[("Cache-Control", "max-age=5")]))
    assert call("POST", "/scripted/v1/chat/completions", calls.chat()).header("cache-control") == "max-age=5"
