"""Bad input gets an error that says what is wrong, and the same process goes on."""

import socket

import answers
import calls
import openai
import programs
import pytest

CHAT = "/scripted/v1/chat/completions"


@pytest.fixture(autouse=True)
def same_process_serves_on(upstream, proxy, call, sdk):
    """After each of these tests a good request is answered, by the same processes as before."""
    # The first request starts the first process.
    assert call("GET", "/health", key=None).status == 200
    before = proxy.children
    yield
    upstream.forget()
    upstream.script(answers.stream("Still here."))
    chunks = sdk().chat.completions.create(model="m", messages=calls.MESSAGES, stream=True)
    assert next(chunks).choices[0].delta.content == "Still here."
    list(chunks)
    assert proxy.children == before


def refused(response, status, code):
    """The response is an OpenAI error with this status and code (None: any)."""
    assert response.status == status, response.body
    assert response.error["type"] == "invalid_request_error"
    assert code in (None, response.error["code"])
    return response.error["message"]


def test_an_unknown_server_gets_a_list_of_the_servers(call):
    message = refused(call("POST", "/nosuch/v1/chat/completions", calls.chat()), 404, "unknown_server")
    assert "scripted" in message
    assert "impatient" in message


def test_the_token_of_one_server_does_not_reveal_the_others(call):
    path = "/nosuch/v1/chat/completions"
    message = refused(call("POST", path, calls.chat(), key="secret-of-refusing"), 404, "unknown_server")
    assert "refusing" in message
    assert "scripted" not in message


@pytest.mark.parametrize(
    "endpoint",
    ["files", "fine_tuning/jobs", "assistants", "audio/speech", "organization/admin_api_keys", "chat", "x", "batches"],
)
def test_an_endpoint_that_is_not_open_is_refused(upstream, call, endpoint):
    for method in ("GET", "POST", "DELETE"):
        refused(call(method, f"/scripted/v1/{endpoint}", b"{}"), 404, "endpoint_not_open")
    assert upstream.saw_nothing


@pytest.mark.parametrize("path", ["/scripted", "/scripted/", "/scripted/v1", "/scripted/v2/models", "/scripted/models"])
def test_a_path_without_an_endpoint_is_refused(upstream, call, path):
    assert call("GET", path).status in (400, 404)
    assert upstream.saw_nothing


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", CHAT, "POST"),
        ("PUT", CHAT, "POST"),
        ("DELETE", CHAT, "POST"),
        ("POST", "/scripted/v1/models", "GET"),
        ("DELETE", "/scripted/v1/models/ft:mine", "GET"),
    ],
)
def test_a_wrong_method_gets_the_allowed_ones(upstream, call, method, path, allowed):
    response = call(method, path, b"{}")
    refused(response, 405, "method_not_allowed")
    assert allowed in [name.strip() for name in response.header("allow").split(",")]
    assert upstream.saw_nothing


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b'{"a":1',
        b'{"a":1}}',
        b"{'a':1}",
        b'{"a":01}',
        b"[]",
        b'"text"',
        b"null",
        b'{"a":"\xff"}',
        b'{"a":NaN}',
        b"[" * 100_000,
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"model":"a","model":"b"}',
        b'{"model":"a","x":{},"mod\\u0065l":"b"}',
    ],
    ids=lambda body: f"{body[:24]!r} of {len(body)}",
)
def test_a_body_that_is_not_a_json_object_is_refused(upstream, call, body):
    refused(call("POST", CHAT, body), 400, None)
    assert upstream.saw_nothing


@pytest.mark.parametrize(
    "path",
    [
        "/scripted/v1/../v1/models",
        "/scripted/v1/models/..",
        "/scripted/v1/models/.",
        "/scripted/v1/models/%2e%2E",
        "/scripted/v1/models/..;",
        "/scripted/v1/models/..;x=1/b",
        "/scripted/v1/models/.%3Bx",
        "/scripted/v1/models/a%2F..%2Fb",
        "/scripted/v1/models/..%2fb",
        "/scripted/v1/models/a%2F..%3bx%2Fb",
        "/scripted/v1/models/a%2F",
        "/scripted/v1/models/%2Fa",
        "/scripted/v1/models/a%2F%2Fb",
        "/scripted/v1/models%2Fa",
        "/scripted/v1%2Fmodels",
        "/scripted%2Fv1/models",
        "/speech/v1/files/a%2Fb",
        "/reverse/a%2Fb",
        "/reverse//..//b",
        "/scripted/v1/models/a%5cb",
        "/scripted/v1/models/a%00b",
        "/scripted/v1/models/a%0d%0ab",
        "/scripted/v1/models/%zz",
        "/scripted/v1/models/%ff",
        "/reverse/a/../b",
    ],
)
def test_an_ambiguous_path_is_refused(upstream, call, path):
    refused(call("GET", path), 400, "invalid_path")
    assert upstream.saw_nothing


@pytest.mark.parametrize(
    ("server", "code", "secrets"),
    [
        ("refusing", "upstream_refused", ["secret-of", "127.0.0.1"]),
        ("untrusted", "upstream_tls", ["secret-of", "127.0.0.1"]),
        ("unresolvable", "upstream_unresolved", ["secret-of", "nowhere.invalid"]),
    ],
)
def test_the_error_for_an_unreachable_upstream_has_no_secrets(sdk, server, code, secrets):
    with pytest.raises(openai.InternalServerError) as caught:
        sdk(server).chat.completions.create(model="m", messages=calls.MESSAGES)
    assert (caught.value.status_code, caught.value.code) == (502, code)
    assert server in str(caught.value.body["message"])
    assert [secret for secret in secrets if secret in caught.value.response.text] == []


def test_an_untrusted_upstream_is_sent_nothing(untrusted, call):
    call("POST", "/untrusted/v1/chat/completions", calls.chat())
    assert untrusted.saw_nothing


def test_an_upstream_that_takes_too_long_is_a_timeout(upstream, call):
    upstream.script(lambda exchange: exchange.until_the_other_side_leaves())
    response = call("POST", "/impatient/v1/chat/completions", calls.chat())
    assert (response.status, response.error["code"]) == (504, "upstream_timeout")


@pytest.mark.parametrize("nonsense", [b"HELLO\r\n\r\n", b"\x00" * 100, b"HTTP/1.1 200 OK\r\n\x01\r\n\r\n", b""])
def test_an_upstream_that_does_not_speak_http_is_an_error(upstream, call, nonsense):
    def talk_nonsense(exchange):
        exchange.send(nonsense)
        exchange.close()

    # On a kept connection the request may be tried once more.
    upstream.script(talk_nonsense, talk_nonsense)
    response = call("POST", "/scripted/v1/chat/completions", calls.chat())
    assert response.status == 502
    assert response.error["type"] == "upstream_error"


def test_a_variable_that_is_not_set_is_named(upstream, call):
    response = call("POST", "/incomplete/v1/chat/completions", calls.chat())
    assert (response.status, response.error["code"]) == (500, "server_misconfigured")
    assert "A_VARIABLE_THAT_IS_NOT_SET" in response.error["message"]
    assert response.header("x-should-retry") == "false"
    assert upstream.saw_nothing


def test_a_body_over_six_megabytes_is_refused(upstream, call):
    body = calls.chat(padding="x" * (6 * 1024 * 1024))
    try:
        assert call("POST", CHAT, body).status == 413
    except (ConnectionResetError, BrokenPipeError):
        pytest.fail("the connection was closed before the answer could be read")
    assert upstream.saw_nothing


def test_a_caller_that_disconnects_mid_stream_affects_no_one_else(upstream, proxy):
    def flood(exchange):
        exchange.start(200, answers.SSE)
        for number in range(200):
            exchange.chunk(answers.event(answers.delta(f"{number} " + "x" * 1000)))
        exchange.end()

    upstream.script(flood)
    with calls.opened(proxy.origin, "POST", CHAT, calls.chat(stream=True)) as (response, pieces):
        assert response.status == 200
        next(pieces)


def test_a_caller_that_does_not_send_http_affects_no_one_else(proxy):
    with socket.create_connection(("127.0.0.1", proxy.port)) as connection:
        connection.sendall(b"\x16\x03\x01 what is this\r\n\r\n")
        connection.settimeout(programs.PATIENCE)
        while connection.recv(1000):
            pass


MARK = b"\xef\xbb\xbf"


def test_a_byte_order_mark_before_a_body_is_skipped(upstream, call):
    """PowerShell and Excel write it; the model is filled in where it belongs."""
    upstream.script(answers.plain({}), answers.plain({}))
    assert call("POST", CHAT, MARK + b'{"messages":[]}').status == 200
    assert upstream.request().body == b'{"model":"table-model","messages":[]}'
    assert call("POST", CHAT, MARK + b'\n{"model":"m","messages":[{"content":"\xef\xbb\xbf"}]}\n').status == 200
    assert upstream.request().body == b'\n{"model":"m","messages":[{"content":"\xef\xbb\xbf"}]}\n'


def test_a_byte_order_mark_before_an_opaque_body_is_forwarded(upstream, call):
    upstream.script(answers.plain({}))
    assert call("POST", "/speech/v1/audio/speech", MARK + b"{}").status == 200
    assert upstream.request().body == MARK + b"{}"


@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-16-LE", "UTF-16-BE", "UTF-32", "UTF-32-LE", "UTF-32-BE"])
def test_a_body_in_another_encoding_gets_an_error_that_asks_for_utf_8(upstream, call, encoding):
    message = refused(call("POST", CHAT, calls.chat().decode().encode(encoding)), 400, "invalid_json")
    assert f"it is {encoding[:6]}; send UTF-8" in message
    assert upstream.saw_nothing
