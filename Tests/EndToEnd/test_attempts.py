"""What the proxy does if an upstream fails before the first byte, and what the caller is told."""

import time

import answers
import calls
import openai
import pytest
import sdks

PATH = "/flaky/v1/chat/completions"
TABLE = """
flaky:
  url: "{up}/first/v1"
  token: first-token
  model_aliases: {{fast: first-model}}
  num_retries: 1
  fallbacks: [spare]
spare: {{url: "{up}/spare/v1", token: spare-token, model: spare-model, num_retries: 0}}
fresh: {{url: "http://localhost:{port}/v1", num_retries: 1}}
lonely: {{url: "{up}/v1", num_retries: 1}}
spread:
  url: ["{up}/v1", {{url: "http://127.0.0.1:{closed}/v1", weight: 1000}}]
  num_retries: 1
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""


@pytest.fixture(scope="module")
def origin(start, session_upstream, closed_port):
    return start(TABLE.format(up=session_upstream.origin, port=session_upstream.port, closed=closed_port)).origin


def failing(status=500, *headers):
    return answers.plain(answers.error(), status, headers)


def came_about(response):
    return response.status, response.header("x-proxy-server"), response.header("x-proxy-attempts")


def test_a_response_names_its_server(upstream, origin):
    upstream.script(answers.plain({}))
    assert came_about(calls.call(origin, "POST", PATH, calls.chat())) == (200, "flaky", "1")


def test_a_failing_upstream_is_retried(upstream, origin):
    upstream.script(failing(), answers.plain({}))
    assert came_about(calls.call(origin, "POST", PATH, calls.chat())) == (200, "flaky", "2")
    assert upstream.request().body == upstream.request().body == calls.chat()


def test_a_broken_connection_is_retried(upstream, origin):
    """On a kept connection libcurl would retry by itself, so none is kept."""
    upstream.script(lambda exchange: exchange.reset(), answers.plain({}, headers=[("Connection", "close")]))
    response = calls.call(origin, "POST", "/fresh/v1/chat/completions", calls.chat())
    assert came_about(response) == (200, "fresh", "2")


def test_retry_after_is_respected(upstream, origin):
    upstream.script(failing(429, ("Retry-After-Ms", "700")), answers.plain({}))
    begin = time.monotonic()
    assert came_about(calls.call(origin, "POST", PATH, calls.chat())) == (200, "flaky", "2")
    assert time.monotonic() - begin >= 0.7


def test_the_fallback_gets_its_own_model_and_token(upstream, origin):
    upstream.script(failing(), failing(), answers.plain({}))
    assert came_about(calls.call(origin, "POST", PATH, b'{"a": 1, "model" : "f\\u0061st"}')) == (200, "spare", "3")
    first, again, spare = (upstream.request() for _ in range(3))
    assert first.body == again.body == b'{"a": 1, "model" : "first-model"}'
    assert spare.body == b'{"a": 1, "model" : "spare-model"}'
    tokens = [request.header("authorization") for request in (first, spare)]
    assert tokens == ["Bearer first-token", "Bearer spare-token"]
    assert "/spare/v1/chat/completions" in spare.first


def test_the_fallback_is_tried_instead_of_a_long_wait(upstream, origin):
    upstream.script(failing(429, ("Retry-After", "11")), answers.plain({}))
    assert came_about(calls.call(origin, "POST", PATH, calls.chat())) == (200, "spare", "2")


def test_another_url_is_tried_at_once(upstream, origin):
    for _ in range(3):
        upstream.script(answers.plain({}))
        response = calls.call(origin, "POST", "/spread/v1/chat/completions", calls.chat())
        assert (response.status, response.header("x-proxy-server")) == (200, "spread")


def test_an_error_of_the_request_is_not_retried(upstream, origin):
    upstream.script(failing(400))
    assert came_about(calls.call(origin, "POST", PATH, calls.chat())) == (400, "flaky", "1")


def test_the_sdk_does_not_multiply_the_attempts(upstream, origin):
    upstream.script(*[failing(503, ("X-Should-Retry", "true"))] * 2)
    client = sdks.client(openai.OpenAI, origin, "lonely").with_options(max_retries=2)
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="m", messages=calls.MESSAGES)
    assert caught.value.response.headers["x-proxy-attempts"] == "2"
    assert len([upstream.request(), upstream.request()]) == 2
    assert upstream.saw_nothing


def test_an_error_of_the_proxy_has_the_headers_too(upstream, origin):
    upstream.script(*[lambda exchange: exchange.reset()] * 2)
    response = calls.call(origin, "POST", "/fresh/v1/chat/completions", calls.chat())
    assert came_about(response) == (502, "fresh", "2")
    assert response.header("x-should-retry") == "false"
