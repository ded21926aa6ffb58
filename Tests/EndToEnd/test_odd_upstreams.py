"""Upstreams that are unusual but correct, and kept connections."""

import json
import threading

import answers
import calls
import programs
import pytest

CHAT = "/scripted/v1/chat/completions"
OK = b"HTTP/1.1 200 OK\r\n"


def sends(*parts, close=False):
    def script(exchange):
        for part in parts:
            exchange.send(part)
        if close:
            exchange.close()

    return script


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n", b"{}"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"2;name=value\r\n{}\r\n0\r\nX-Trailer: 1\r\n\r\n"),
        (OK + b"Connection: close\r\n\r\n", b"{}"),
        (b"HTTP/1.0 200 OK\r\n\r\n", b"{}"),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n", b"{}"),
        (OK + b"content-length:2\r\nX-Empty:\r\n\r\n", b"{}"),
    ],
    ids=["early hints", "chunk extension and trailer", "close-delimited", "http/1.0", "no reason", "odd headers"],
)
def test_unusual_forms_of_http_are_understood(upstream, call, head, body):
    closes = b"chunked" not in head and b"ength" not in head
    upstream.script(sends(head, body, close=closes))
    response = call("POST", CHAT, calls.chat())
    assert (response.status, response.body) == (200, b"{}")


def test_a_head_that_arrives_byte_by_byte_is_understood(upstream, call):
    body = b"data: {}\n\ndata: [DONE]\n\n"
    whole = OK + b"Content-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    upstream.script(sends(*[whole[i : i + 1] for i in range(len(whole))]))
    response = call("POST", CHAT, calls.chat(stream=True))
    assert (response.header("content-type"), response.body) == ("text/event-stream", body)


def test_a_header_that_is_not_ascii_breaks_nothing(upstream, call):
    upstream.script(sends(OK + b'openai-organization: M\xfcller "\\\r\nContent-Length: 2\r\n\r\n{}'))
    response = call("POST", CHAT, calls.chat())
    assert (response.status, response.body) == (200, b"{}")


def test_a_header_of_the_caller_that_is_not_ascii_breaks_nothing(upstream, call):
    upstream.script(answers.plain({}))
    assert call("POST", CHAT, calls.chat(), headers={"User-Agent": "M\xfcller/1", "X-Title": "\xff"}).status == 200


@pytest.mark.parametrize(
    "content_type", ["Text/Event-Stream", "text/event-stream;charset=utf-8", "text/event-stream ;x"]
)
def test_the_type_of_a_stream_is_recognized_in_any_spelling(upstream, call, content_type):
    def break_off(exchange):
        exchange.start(200, [("Content-Type", content_type)])
        exchange.chunk(b"data: {}\n\n")
        exchange.reset()

    upstream.script(break_off)
    body = call("POST", CHAT, calls.chat(stream=True)).body
    assert json.loads(body.removeprefix(b"data: {}\n\ndata: "))["error"]["message"]


def test_an_upstream_may_answer_before_it_has_read_the_request(upstream, call):
    """A provider that finds a request too large says so, and reads no more of it.

    It closes when the proxy does: to close on unread bytes may destroy the answer on its way (RFC 9112, 9.6).
    """
    error = json.dumps(answers.error("Too large.")).encode()

    def refuse(exchange):
        exchange.answer(413, [*answers.JSON, ("Connection", "close")], error)
        exchange.until_the_other_side_leaves()

    upstream.reads_bodies = False
    upstream.script(refuse)
    response = call("POST", CHAT, calls.chat(padding="x" * 5_000_000))
    assert (response.status, response.body) == (413, error)


@pytest.mark.parametrize("answer", [answers.plain({}), answers.raw(200, answers.SSE, answers.stream_bytes("Hi"))])
def test_a_connection_is_reused(upstream, call, answer):
    upstream.script(answer)
    call("POST", CHAT, calls.chat())
    before = upstream.connections
    for _ in range(10):
        upstream.script(answer)
        call("POST", CHAT, calls.chat())
    assert upstream.connections == before


def test_a_kept_connection_that_was_closed_causes_no_error(upstream, call):
    """A connection that closes while the next request is on its way is another matter: nothing is sent twice."""
    closed = threading.Event()

    def answer_and_close(exchange):
        exchange.answer(200, answers.JSON, b"{}")
        exchange.close_for_both()
        closed.set()

    for _ in range(10):
        closed.clear()
        upstream.script(answer_and_close)
        assert call("POST", CHAT, calls.chat()).status == 200
        assert closed.wait(programs.PATIENCE)


def test_a_stalled_stream_ends_with_an_error_event_at_its_timeout(upstream, call):
    def stall(exchange):
        exchange.start(200, answers.SSE)
        exchange.chunk(answers.event(answers.delta("Half")) + b'data: {"cut')
        exchange.until_the_other_side_leaves()

    upstream.script(stall)
    body = call("POST", "/stalling/v1/chat/completions", calls.chat(stream=True)).body
    whole = answers.event(answers.delta("Half"))
    assert body.startswith(whole)
    error = json.loads(body.removeprefix(whole).removeprefix(b"data: "))["error"]
    assert error["code"] == "upstream_timeout"


def test_the_caller_is_told_before_lambda_ends_the_invocation(upstream, start):
    # A busy machine has the margin for the response, before Lambda ends the invocation.
    settings = "settings: {allow_anonymous: true, deadline_margin: 30}\n"
    proxy = start(f'scripted: {{url: "{upstream.origin}/v1"}}\n{settings}', "--timeout", 31)
    upstream.script(lambda exchange: exchange.until_the_other_side_leaves())
    response = calls.call(proxy.origin, "POST", CHAT, calls.chat())
    assert (response.status, response.error["code"]) == (504, "deadline_exceeded")


@pytest.mark.parametrize("status", [201, 299, 418, 451, 529])
def test_an_unusual_status_arrives(upstream, call, status):
    body = json.dumps(answers.error() if status >= 400 else answers.completion()).encode()
    upstream.script(answers.raw(status, answers.JSON, body))
    response = call("POST", CHAT, calls.chat())
    assert (response.status, response.body) == (status, body)


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_no_content_is_a_valid_response_only_where_none_is_expected(upstream, call, stream):
    upstream.script(*[sends(b"HTTP/1.1 204 x\r\n\r\n")] * 2)
    response = call("POST", CHAT, calls.chat(stream=stream))
    assert (response.status, response.error["code"]) == (502, "upstream_empty")
    assert "answered 204 without a body" in response.error["message"]
    assert call("DELETE", "/speech/v1/files/x").status == 204


def test_head_and_options_pass_a_reverse_proxy(upstream, call):
    upstream.script(sends(OK + b"Content-Length: 5\r\n\r\n"), answers.plain({}))
    assert call("HEAD", "/reverse/page").status == 200
    assert call("OPTIONS", "/reverse/page").status == 200
    assert [upstream.request().method, upstream.request().method] == ["HEAD", "OPTIONS"]


@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy", "ALL_PROXY"])
def test_only_the_configured_host_is_contacted_despite_proxy_variables(upstream, start, table, variable, closed_port):
    proxy = start(table, **{variable: f"http://127.0.0.1:{closed_port}"})
    upstream.script(answers.plain({}))
    assert calls.call(proxy.origin, "POST", CHAT, calls.chat()).status == 200
