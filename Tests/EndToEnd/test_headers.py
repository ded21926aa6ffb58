"""Which headers and which bytes are forwarded to the provider, and which headers are returned."""

import gzip

import answers
import calls
import pytest

STAYS_HERE = {
    "Cookie": "session=1",
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Proto": "https",
    "X-Api-Key": calls.KEY,
    "Api-Key": calls.KEY,
    "Proxy-Authorization": "Basic xyz",
    "OpenAI-Organization": "org-1",
    "X-Stainless-Lang": "python",
    "Keep-Alive": "5",
    "Connection": "X-Secret-Hop",
    "X-Secret-Hop": "1",
}
STAYS_THERE = [
    ("Set-Cookie", "provider=1"),
    ("Alt-Svc", 'h3=":443"'),
    ("Server", "provider/1"),
    ("Keep-Alive", "timeout=5"),
    ("Proxy-Authenticate", "Basic"),
    ("Access-Control-Allow-Origin", "*"),
    ("Strict-Transport-Security", "max-age=1"),
    ("X-Powered-By", "provider"),
]


def test_private_headers_of_the_caller_are_not_forwarded(upstream, call):
    upstream.script(answers.plain({}))
    call("POST", "/scripted/v1/chat/completions", calls.chat(), headers=STAYS_HERE)
    request = upstream.request()
    may_travel = {"host", "content-type", "content-length", "accept", "accept-encoding", "user-agent", "authorization"}
    # Lambda's own trace of the invocation.
    may_travel.add("x-amzn-trace-id")
    assert request.header_names <= may_travel, request.headers
    assert calls.KEY not in str(request.headers) + request.target
    assert request.header("authorization") == "Bearer the-token-of-the-upstream"
    assert request.header("accept-encoding") == "identity"


def test_headers_for_the_provider_are_forwarded(upstream, call):
    sent = {"OpenAI-Beta": "assistants=v2", "User-Agent": "app/1", "Accept": "application/json"}
    upstream.script(answers.plain({}))
    call("POST", "/scripted/v1/chat/completions", calls.chat(), headers=sent)
    request = upstream.request()
    assert {name: request.header(name) for name in sent} == sent


def test_a_header_in_forward_headers_is_forwarded(upstream, call):
    upstream.script(answers.plain({}))
    call("POST", "/forwarding/v1/chat/completions", calls.chat(), headers={"OpenAI-Organization": "org-1"})
    assert upstream.request().header("openai-organization") == "org-1"


def test_a_server_without_a_token_gets_no_authorization(upstream, call):
    upstream.script(answers.plain({}))
    call("POST", "/tokenless/v1/chat/completions", calls.chat())
    assert upstream.request().header("authorization") is None


def test_private_headers_of_the_provider_are_not_returned(upstream, call):
    upstream.script(answers.plain({}, headers=[*STAYS_THERE, ("Connection", "X-Hop"), ("X-Hop", "1")]))
    response = call("POST", "/scripted/v1/chat/completions", calls.chat())
    kept_back = {name.lower() for name, _ in STAYS_THERE} | {"x-hop"}
    assert not response.header_names & kept_back - {"keep-alive"}
    assert "provider" not in str(response.headers)


def test_a_stream_has_no_length(upstream, call):
    upstream.script(answers.stream("x"))
    response = call("POST", "/scripted/v1/chat/completions", calls.chat(stream=True))
    assert response.header("content-length") is None
    assert response.header("content-type") == "text/event-stream; charset=utf-8"


def test_a_body_with_a_model_arrives_byte_for_byte(upstream, call):
    body = b'{ "model":"m" ,\n "x": [1.0, 1e400, "\\u00e9\xc3\xa9", {"model": 1}], "y":\t-0 }'
    upstream.script(answers.plain({}))
    call("POST", "/scripted/v1/chat/completions", body)
    assert upstream.request().body == body


def test_a_body_without_a_model_gets_the_tables_and_is_otherwise_untouched(upstream, call):
    body = b'{ "x": 1.0 , "messages":[{"model": "not this"}]}'
    upstream.script(answers.plain({}))
    call("POST", "/scripted/v1/chat/completions", body)
    got = upstream.request()
    assert got.json["model"] == "table-model"
    added = b'"model":"table-model",'
    assert got.body.replace(added, b"", 1).replace(b" ", b"") == body.replace(b" ", b"")


def test_a_model_key_in_another_case_is_not_the_model(upstream, call):
    upstream.script(answers.plain({}))
    call("POST", "/scripted/v1/chat/completions", b'{"Model": "x"}')
    assert upstream.request().json == {"Model": "x", "model": "table-model"}


def test_a_base64_body_is_decoded(upstream, call):
    """A function URL encodes every body whose type isn't text."""
    headers = {"Content-Type": "application/octet-stream"}
    upstream.script(answers.plain({}))
    call("POST", "/scripted/v1/chat/completions", calls.chat(), headers=headers)
    request = upstream.request()
    assert request.body == calls.chat()
    assert request.header("content-type") == "application/json"


@pytest.mark.parametrize("path", ["/speech/v1/files/upload", "/reverse/upload"])
@pytest.mark.parametrize("coding", ["gzip", "utf-8"])
def test_an_unread_body_is_forwarded_with_its_encoding(upstream, call, path, coding):
    body = gzip.compress(b"{}")
    upstream.script(answers.plain({}))
    assert call("POST", path, body, headers={"Content-Encoding": coding}).status == 200
    request = upstream.request()
    assert (request.body, request.header("content-encoding")) == (body, coding)


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "identity, zstd"])
def test_a_compressed_body_that_must_be_read_is_refused(upstream, call, coding):
    body = gzip.compress(calls.chat())
    response = call("POST", "/scripted/v1/chat/completions", body, headers={"Content-Encoding": coding})
    assert (response.status, response.error["code"]) == (415, "unsupported_encoding")
    assert coding in response.error["message"] and "plain JSON" in response.error["message"]
    assert response.header("accept-encoding") == "identity"
    assert upstream.saw_nothing


@pytest.mark.parametrize("coding", ["identity", "utf-8", "none", ""])
def test_a_content_encoding_that_names_no_encoding_is_not_forwarded(upstream, call, coding):
    upstream.script(answers.plain({}))
    headers = {"Content-Encoding": coding}
    assert call("POST", "/scripted/v1/chat/completions", calls.chat(), headers=headers).status == 200
    assert upstream.request().header("content-encoding") is None
