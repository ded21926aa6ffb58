"""Direct invocations: what the provider gets, what the caller gets, and who may do what."""

import json

import answers
import calls
import direct
import functions
import issuer_tables
import pytest
import records
import tables

NARROW = {"allowed_servers": ["scripted"], "allowed_models": ["small"], "requests_per_month": 2}
KEYS = [
    {"name": "tests", "key": calls.KEY},
    {"name": "narrow", "key": "a-key-for-one-server", "allowed_servers": ["second"]},
    {"name": "poor", "key": "a-key-for-one-request", "requests_per_month": 1},
]


def table(up, **settings):
    servers = {
        "scripted": {"url": f"{up.origin}/v1", "token": tables.UPSTREAM_TOKEN, "model": "other", "num_retries": 0},
        "second": {"url": f"{up.origin}/second/v1", "num_retries": 0},
        "speech": {"url": f"{up.origin}/v1", "endpoints": ["audio/*"]},
        "page": {"url": f"{up.origin}/root", "reverse_proxy": True},
    }  # fmt: skip
    return json.dumps({**servers, "settings": {"virtual_keys": KEYS, **settings}}, indent=1)


def invoked_with(**settings):
    @pytest.fixture(scope="module")
    def function(session_upstream):
        with functions.serving(table(session_upstream, **settings)) as function:
            yield function
            function.serves_on()

    return function


function = invoked_with(
    direct_invocation={}, token_issuers=[issuer_tables.backend()], user_id_key=issuer_tables.USER_ID_KEY
)
closed = invoked_with()
limited = invoked_with(direct_invocation=NARROW)
mapped = invoked_with(direct_invocation={"limits": {"requests_per_month": 2}})
tools = invoked_with(direct_invocation={"allowed_models": ["*"], "rpm": 1000})


def test_an_answer_is_the_value_itself(function, upstream):
    said = answers.completion("Grüße 👋\n")
    upstream.script(answers.plain(said, headers=[("X-Request-Id", "of-the-provider")]))
    told = direct.result(function.ask(direct.chat()))
    assert (told["status"], told["body"]) == (200, said)
    assert "isBase64Encoded" not in told
    fields = {name.lower(): value for name, value in told["headers"].items()}
    assert fields["content-type"] == "application/json" and fields["x-request-id"] == "of-the-provider"
    assert fields["x-proxy-attempts"] == "1"
    request = upstream.request()
    assert (request.method, request.target) == ("POST", "/v1/chat/completions")
    assert request.json == {"model": "m", "messages": direct.MESSAGES}
    assert request.header("content-type") == "application/json"
    assert request.header("authorization") == f"Bearer {tables.UPSTREAM_TOKEN}"


def test_numbers_and_order_stay_as_the_provider_wrote_them(function, upstream):
    said = b'{"b": 12345678901234567890, "a": 1.10, "c": 1e400, "d": -0, "e": {"z": 1, "y": "\\u00e9\\/"}}'
    upstream.script(answers.plain(said))
    assert said in function.ask(direct.chat()).raw


@pytest.mark.parametrize("body", [b"[1,2]", b'"text"', b"5", b"true", b"null", b" {} \n"], ids=repr)
def test_any_json_value_is_the_value_itself(function, upstream, body):
    upstream.script(answers.plain(body))
    told = direct.result(function.ask({"server": "page", "path": "/x"}))
    assert told["body"] == json.loads(body)


@pytest.mark.parametrize("text", ["Hello", "", "Grüße\n\u2028", '{"half": ', "1 2"])
def test_text_is_a_string(function, upstream, text):
    upstream.script(answers.raw(200, [("Content-Type", "text/plain")], text.encode()))
    told = direct.result(function.ask({"server": "page", "path": "/x"}))
    assert told["body"] == text and not told.get("isBase64Encoded")


def test_what_is_not_text_is_base64(function, upstream):
    audio = bytes(range(256)) * 1000
    upstream.script(answers.raw(200, [("Content-Type", "audio/mpeg")], audio))
    told = direct.result(function.ask({"server": "speech", "path": "/v1/audio/speech", "body": {"input": "Hi"}}))
    assert told["isBase64Encoded"] is True and told["body"] == audio


def test_an_answer_without_a_body(function, upstream):
    upstream.script(answers.raw(200, [], b""), answers.raw(204, [], b""))
    for _ in range(2):
        assert direct.result(function.ask({"server": "page", "path": "/x"}))["body"] in ("", None)


# What follows `"body":` in the event, and what the provider gets.
BODIES = [
    (b'{ "model" : "m", "x":1.10, "y": 12345678901234567890,\n"\\u00e9": "\\/" }', None),
    ('{"model":"m","text":"Grüße"}'.encode(), None),
    (json.dumps('{"model": "m", "n": 1.0}\n').encode(), b'{"model": "m", "n": 1.0}\n'),
    (json.dumps(' {"model": "m", "text": "Grüße 👋"}').encode(), ' {"model": "m", "text": "Grüße 👋"}'.encode()),
]


@pytest.mark.parametrize(("written", "sent"), BODIES, ids=repr)
def test_a_body_is_sent_as_it_is_written(function, upstream, written, sent):
    upstream.script(answers.plain({}))
    event = b'{"server": "scripted", "path": "/v1/chat/completions", "body": %s}' % written
    direct.result(function.ask(event))
    assert upstream.request().body == (written if sent is None else sent)


@pytest.mark.parametrize("body", [b"[1, 2]", b"5", b"true", b'"just text"', b"{}", b'""'], ids=repr)
def test_any_value_may_be_a_body(function, upstream, body):
    upstream.script(answers.plain({}))
    direct.result(function.ask(b'{"server":"page","path":"/x","method":"POST","body":%s}' % body))
    assert upstream.request().body == (json.loads(body).encode() if body.startswith(b'"') else body)


@pytest.mark.parametrize(
    ("more", "method"),
    [
        ({}, "GET"), ({"body": None}, "GET"), ({"body": {}}, "POST"), ({"body": "x"}, "POST"),
        ({"method": None}, "GET"), ({"method": "DELETE"}, "DELETE"), ({"method": "PUT", "body": {}}, "PUT"),
        ({"method": "GET"}, "GET"), ({"method": "POST"}, "POST"),
    ],
    ids=str,
)  # fmt: skip
def test_the_method_follows_from_the_body(function, upstream, more, method):
    upstream.script(answers.plain({}))
    direct.result(function.ask({"server": "page", "path": "/x", **more}))
    assert upstream.request().method == method


@pytest.mark.parametrize(
    ("server", "path", "target"),
    [
        ("scripted", "/v1/models", "/v1/models"), ("scripted", "v1/models", "/v1/models"),
        ("page", "/a%20b/%C3%A9?x=1&y=%26", "/root/a%20b/%C3%A9?x=1&y=%26"), ("page", "a?x", "/root/a?x"),
        ("second", "/v1/models", "/second/v1/models"), ("page", "/page/x", "/root/page/x"),
        (None, "/scripted/v1/models", "/v1/models"), (None, "scripted/v1/models", "/v1/models"),
    ],
)  # fmt: skip
def test_the_path_is_below_the_server(function, upstream, server, path, target):
    upstream.script(answers.plain({"object": "list", "data": []}))
    event = {"path": path} if server is None else {"server": server, "path": path}
    direct.result(function.ask(event))
    assert upstream.request().target == target


def test_addresses_of_the_proxy_itself(function, upstream):
    assert direct.result(function.ask({"path": "/health"}))["body"]["status"] == "ok"
    upstream.always = answers.plain({"object": "list", "data": []})
    assert direct.result(function.ask({"path": "/v1/models"}))["body"]["object"] == "list"
    assert direct.result(function.ask({"path": "v1/models"}))["body"]["object"] == "list"
    assert direct.result(function.ask({"path": "/v1/me"}))["body"]["object"] == "caller"
    assert direct.result(function.ask({"path": "/v1/me", "key": calls.KEY}))["body"]["type"] == "key"
    body = {"model": "second/m", "messages": direct.MESSAGES}
    upstream.forget()
    upstream.script(answers.plain(answers.completion("x")))
    assert direct.result(function.ask({"path": "/v1/chat/completions", "body": body}))["body"] == answers.completion(
        "x"
    )
    assert upstream.request().target == "/second/v1/chat/completions"


@pytest.mark.parametrize("name", ["Content-Type", "content-type", "CONTENT-TYPE"])
def test_headers_are_those_of_the_event(function, upstream, name):
    upstream.script(answers.plain({}))
    event = {"server": "speech", "path": "/v1/audio/transcriptions", "body": "--b--"}
    fields = {name: "multipart/form-data; boundary=b", "OpenAI-Beta": "x=1", "Cookie": "a=b"}
    direct.result(function.ask({**event, "headers": fields}))
    request = upstream.request()
    assert request.header("content-type") == "multipart/form-data; boundary=b"
    assert request.header("openai-beta") == "x=1" and "cookie" not in request.header_names


@pytest.mark.parametrize("written", ["value", "text"])
@pytest.mark.parametrize("more", [{}, {"stream_options": {"include_usage": True}}], ids=["alone", "with options"])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses", "/v1/completions"])
def test_a_stream_is_turned_into_a_plain_request(function, upstream, written, more, path):
    """A provider refuses `stream_options` beside `"stream": false`."""
    upstream.script(answers.plain(answers.completion("whole")))
    body = {"model": "m", "stream": True, **more, "messages": [{"stream": True, "role": "user", "content": "x"}]}
    told = direct.result(function.ask(direct.chat(path=path, body=body if written == "value" else json.dumps(body))))
    assert told["body"] == answers.completion("whole")
    sent = upstream.request().json
    assert sent.pop("stream", False) is False
    assert sent.pop("stream_options", None) is None
    assert sent == {"model": "m", "messages": body["messages"]}


@pytest.mark.parametrize("stream", [False, None])
def test_a_request_for_no_stream_asks_for_none(function, upstream, stream):
    upstream.script(answers.plain({}))
    direct.result(function.ask(direct.chat(body={"model": "m", "stream": stream, "messages": []})))
    sent = upstream.request().json
    assert not sent.pop("stream") and sent == {"model": "m", "messages": []}


def test_without_the_setting_nobody_may(closed, upstream):
    for event in (
        direct.chat(),
        direct.chat(key=calls.KEY),
        {"path": "/v1/models"},
        {"server": "nosuch", "path": "/x"},
    ):
        assert direct.thrown(closed.ask(event))[0] == "AccessDenied"
    assert upstream.saw_nothing


def test_a_key_brings_its_own_permissions(function, limited, upstream):
    upstream.always = answers.plain({})
    for program in (function, limited):
        kind, status, code, _ = direct.thrown(program.ask(direct.chat(key="a-key-for-one-server")))
        assert (kind, status, code) == ("AccessDenied", 403, "server_not_allowed")
        direct.result(program.ask(direct.chat("second", key="a-key-for-one-server")))
    # Other than the setting, the key has no limit.
    for _ in range(4):
        answer = limited.ask(direct.chat("second", key=calls.KEY))
        fields = direct.result(answer)["headers"]
    record = records.of_id(
        limited.process, {name.lower(): value for name, value in fields.items()}["x-proxy-request-id"]
    )
    assert record["key"] == "tests"


def test_a_key_brings_its_own_limits(function, upstream):
    upstream.always = answers.plain({})
    direct.result(function.ask(direct.chat(key="a-key-for-one-request")))
    kind, status, _, _ = direct.thrown(function.ask(direct.chat(key="a-key-for-one-request")))
    assert (kind, status) == ("LimitExceeded", 429)


def test_a_token_of_a_user_is_a_key_too(function, upstream):
    token = issuer_tables.backend_token("a-user")
    assert direct.result(function.ask({"path": "/v1/me", "key": token}))["body"]["type"] == "user"


@pytest.mark.parametrize("key", ["wrong", "", "a.b.c", "Bearer " + calls.KEY], ids=repr)
def test_a_wrong_key_is_refused(function, upstream, key):
    """Even where no key is needed: whoever sends one wants its limits."""
    kind, status, code, message = direct.thrown(function.ask(direct.chat(key=key)))
    assert (kind, status) == ("AccessDenied", 401), code
    assert not key or key not in message
    assert upstream.saw_nothing


def test_the_settings_permissions_and_limits_apply(limited, upstream):
    upstream.always = answers.plain({})
    small, large = {"model": "small", "messages": []}, {"model": "large", "messages": []}
    assert direct.thrown(limited.ask(direct.chat("second", body=small)))[:3] == (
        "AccessDenied",
        403,
        "server_not_allowed",
    )
    assert direct.thrown(limited.ask(direct.chat(body=large)))[:3] == ("AccessDenied", 403, "model_not_allowed")
    for _ in range(2):
        direct.result(limited.ask(direct.chat(body=small)))
    kind, status, _, _ = direct.thrown(limited.ask(direct.chat(body=small)))
    assert (kind, status) == ("LimitExceeded", 429)


def test_limits_may_be_a_mapping_of_their_own(mapped, upstream):
    upstream.always = answers.plain({})
    for _ in range(2):
        direct.result(mapped.ask(direct.chat()))
    assert direct.thrown(mapped.ask(direct.chat()))[0] == "LimitExceeded"


@pytest.mark.parametrize("setting", [True, {}], ids=str)
def test_true_or_an_empty_mapping_allows_everything(session_upstream, upstream, setting):
    upstream.script(answers.plain({}))
    with functions.serving(table(session_upstream, direct_invocation=setting)) as function:
        assert direct.result(function.ask(direct.chat("second")))["status"] == 200


@pytest.mark.parametrize("setting", [False, None], ids=str)
def test_false_allows_nobody(session_upstream, setting):
    with functions.serving(table(session_upstream, direct_invocation=setting)) as function:
        assert direct.thrown(function.ask(direct.chat()))[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("setting", "word"),
    [({"rmp": 5}, "rmp"), ({"allowed_servers": ["nosuch"]}, "nosuch"), ({"rpm": "many"}, "rpm"),
     ({"limits": {"rmp": 5}}, "rmp"), ([1], "direct_invocation"),
     ({"key": "x"}, "key"), ("yes please", "direct_invocation")],
    ids=str,
)  # fmt: skip
def test_a_wrong_setting_stops_the_start(session_upstream, setting, word):
    assert word in functions.failed_start(table(session_upstream, direct_invocation=setting))


def test_tools_of_the_provider_must_be_allowed(tools, function, upstream):
    upstream.always = answers.plain({})
    body = {"model": "m", "input": "x", "tools": [{"type": "web_search"}]}
    event = direct.chat(path="/v1/responses", body=body)
    assert direct.thrown(tools.ask(event))[0] == "AccessDenied"
    direct.result(function.ask(event))
