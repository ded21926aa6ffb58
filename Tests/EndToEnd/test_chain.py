"""Another deployment of this program as a server, as in the tables of the Node proxy's users."""

import threading

import answers
import calls
import openai
import pytest
from sdks import client


@pytest.fixture(scope="module")
def front(start, proxy):
    """A proxy whose server `proxy` is the first proxy's server `scripted`."""
    return start(
        f'proxy: {{url: "{proxy.origin}/scripted/v1", token: "{calls.KEY}", model: front-model, num_retries: 0}}\n'
        "settings: {virtual_keys: [{name: front, key: key-of-the-front}]}\n"
    )


def test_a_stream_passes_two_proxies_as_it_is_written(upstream, front):
    seen = threading.Event()
    last = answers.event(answers.delta("last")) + answers.event("[DONE]")
    upstream.script(answers.stepwise([(None, answers.event(answers.delta("first"))), (seen, last)]))
    sdk = client(openai.OpenAI, front.origin, "proxy", "key-of-the-front")
    chunks = sdk.chat.completions.create(model="m", messages=calls.MESSAGES, stream=True)
    assert next(chunks).choices[0].delta.content == "first"
    seen.set()
    assert next(chunks).choices[0].delta.content == "last"
    assert "key-of-the-front" not in str(upstream.request().headers)


def test_the_model_of_the_front_proxys_table_is_filled_in(upstream, front):
    upstream.script(answers.plain({}))
    calls.call(front.origin, "POST", "/proxy/v1/chat/completions", b"{}", key="key-of-the-front")
    assert upstream.request().json == {"model": "front-model"}


def test_an_error_passes_two_proxies_untouched(upstream, front):
    body = b'{"error": {"message": "Slow down.", "type": "t", "param": null, "code": "c"}}'
    upstream.script(answers.plain(body, 429, [("retry-after", "3")]))
    path = "/proxy/v1/chat/completions"
    response = calls.call(front.origin, "POST", path, calls.chat(), key="key-of-the-front")
    assert (response.status, response.body, response.header("retry-after")) == (429, body, "3")


def test_an_endpoint_that_the_front_proxy_does_not_open_is_refused(front):
    response = calls.call(front.origin, "GET", "/proxy/v1/files", key="key-of-the-front")
    assert (response.status, response.error["code"]) == (404, "endpoint_not_open")
