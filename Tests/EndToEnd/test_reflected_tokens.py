"""If a provider repeats the token that it was sent, no client ever gets it."""

import html
import json
import urllib.parse

import answers
import calls
import pytest
import records

TOKEN = 'sk-up/str+eam="<0123&456789'
TABLE = """
api:   {{url: "{up}/v1", token: "${{TOKEN}}", num_retries: 0}}
late:  {{url: "{up}/v1", token: "${{TOKEN}}", num_retries: 0, keepalive_seconds: 0.05}}
bare:  {{url: "{up}/v1", token: "Token ${{TOKEN}}", auth_header: x-token, num_retries: 0}}
page:  {{url: "{up}", token: "${{TOKEN}}", reverse_proxy: true}}
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""
# The part of the token that no response may contain, in any form.
PARTS = (b"sk-up", b"0123", b"456789")
HTML = [("Content-Type", "text/html")]
SAID = json.dumps(f"Bad key: Bearer {TOKEN}.").encode()
DOUBLY = json.dumps(json.dumps({"key": TOKEN})).encode()
PAGE = f"<p>Bearer {html.escape(TOKEN)}</p>".encode()


@pytest.fixture(scope="module")
def program(start, session_upstream):
    return start(TABLE.format(up=session_upstream.origin), TOKEN=TOKEN)


def in_bytes(status, headers, body):
    """Send each byte of the body in a chunk and a segment of its own."""
    return answers.pieces([body[i : i + 1] for i in range(len(body))], headers, status)


@pytest.mark.parametrize("send", [answers.raw, in_bytes], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("server", ["api", "bare", "page"])
@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (401, answers.JSON, b'{"error":{"message":%s}}' % SAID),
        (401, answers.JSON, b'{"error":{"message":%s}}' % SAID.replace(b"/", b"\\/").replace(b"<", b"\\u003C")),
        (401, answers.JSON, b'{"error":{"message":%s}}' % DOUBLY),
        (422, answers.JSON, b'{"detail":[{"loc":["header"],"input":%s}]}' % SAID),
        (403, answers.JSON, b'{"message":%s}' % SAID),
        (502, HTML, PAGE),
        (500, HTML, f"<a href='/?key={urllib.parse.quote(TOKEN, safe='')}'>".encode()),
        (400, [("Content-Type", "text/plain")], TOKEN[:-3].encode()),
    ],
    ids=["openai", "escaped", "json in json", "input", "message", "html", "link", "cut off"],
)
def test_an_error_does_not_contain_the_token(upstream, program, send, server, status, headers, body):
    upstream.script(send(status, headers, body))
    response = calls.call(program.origin, "POST", f"/{server}/v1/chat/completions", calls.chat())
    assert response.status == status
    assert [part for part in PARTS if part in response.body] == []
    if headers == answers.JSON or server == "page":
        assert b"[redacted]" in response.body
    if headers == answers.JSON:
        json.loads(response.body)


@pytest.mark.parametrize("server", ["api", "late"])
@pytest.mark.parametrize(
    "event",
    [
        b'data: {"error":{"message":%s}}\n\n' % SAID,
        b'event: error\ndata: {"message":%s}\n\n' % SAID,
        b"event: error\ndata: Bad key: %s\n\n" % PAGE,
        b'data: {"error":%s}' % SAID,
    ],
)
def test_an_error_event_does_not_contain_the_token(upstream, program, server, event):
    upstream.script(in_bytes(200, answers.SSE, answers.event(answers.delta("Half")) + event))
    response = calls.call(program.origin, "POST", f"/{server}/v1/chat/completions", calls.chat(stream=True))
    assert b"Half" in response.body and b"[redacted]" in response.body
    assert [part for part in PARTS if part in response.body] == []


def test_headers_and_redirects_do_not_contain_the_token(upstream, program):
    location = f"/?key={urllib.parse.quote(TOKEN)}"
    headers = [("Location", location), ("X-Request-Id", TOKEN), ("OpenAI-Debug", f"a {TOKEN}")]
    upstream.script(answers.raw(302, headers, b""), answers.plain({}, headers=headers))
    redirect = calls.call(program.origin, "GET", "/page/x")
    assert redirect.header("location") == "/?key=[redacted]"
    answer = calls.call(program.origin, "POST", "/api/v1/chat/completions", calls.chat())
    assert [answer.header("x-request-id"), answer.header("openai-debug")] == ["[redacted]", "a [redacted]"]


@pytest.mark.parametrize("send", [answers.raw, in_bytes], ids=["whole", "byte by byte"])
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (answers.SSE, b'event: error\ndata: {"message":%s}\n\n' % SAID),
        (answers.JSON, b'{"error":{"message":%s}}' % SAID),
        ([], b'{"error":{"message":%s}}' % DOUBLY),
        (HTML, PAGE),
    ],
    ids=["event", "json", "no type", "html"],
)
def test_a_reverse_proxys_response_does_not_contain_the_token(upstream, program, send, headers, body):
    upstream.script(send(200, headers, body))
    response = calls.call(program.origin, "GET", "/page/x")
    assert response.status == 200 and b"[redacted]" in response.body
    assert [part for part in PARTS if part in response.body] == []


def test_a_plain_response_and_its_record_do_not_contain_the_token(upstream, program):
    upstream.script(answers.plain({**answers.completion(TOKEN), "model": TOKEN}))
    response = calls.call(program.origin, "POST", "/api/v1/chat/completions", calls.chat())
    assert response.json["choices"][0]["message"]["content"] == "[redacted]"
    assert records.of(program, response)["gen_ai.response.model"] == "[redacted]"
