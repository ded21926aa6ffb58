"""Each type of error of a direct invocation, with a real cause. Workflows match on them."""

import json

import answers
import calls
import direct
import functions
import issuer_tables
import pytest
import signing_keys
import tokens

TYPES_OF_STATUSES = {
    "InvalidRequest": (400, 404, 405, 413, 415, 422),
    "UpstreamDenied": (401, 402, 403),
    "UpstreamThrottled": (429,),
    "UpstreamTimeout": (408, 504),
    "UpstreamUnavailable": (500, 502, 503, 529),
}
ONCE = {"num_retries": 0}


def table(up, closed, untrusted, **settings):
    here = f"{up.origin}/v1"
    servers = {
        "scripted": {"url": here, **ONCE},
        "impatient": {"url": here, "timeout": 0.3, **ONCE},
        "refusing": {"url": f"http://127.0.0.1:{closed}/v1", "token": "the-token-of-refusing", **ONCE},
        "unresolvable": {"url": "http://nowhere.invalid/v1", **ONCE},
        "untrusted": {"url": f"{untrusted.origin}/v1", **ONCE},
        "incomplete": {"url": here, "token": "${A_VARIABLE_THAT_IS_NOT_SET}"},
        "page": {"url": f"{up.origin}/root", "reverse_proxy": True},
    }
    keys = [{"name": "tests", "key": calls.KEY}, {"name": "poor", "key": "a-poor-key", "requests_per_month": 1}]
    usual = {"virtual_keys": keys, "direct_invocation": {}}
    return json.dumps({**servers, "settings": {**usual, **settings}}, indent=1)


@pytest.fixture(scope="module")
def function(session_upstream, closed_port, untrusted):
    unreachable = {
        "issuer": "https://i.example",
        "jwks_url": f"http://127.0.0.1:{closed_port}/k",
        "audiences": ["the-app"],
    }
    settings = {"token_issuers": [unreachable], "user_id_key": issuer_tables.USER_ID_KEY}
    with functions.serving(table(session_upstream, closed_port, untrusted, **settings)) as function:
        yield function
        function.serves_on()


def thrown(function, event, **options):
    return direct.thrown(function.ask(event, **options))


CASES = [(kind, status) for kind, statuses in TYPES_OF_STATUSES.items() for status in statuses]


@pytest.mark.parametrize(("kind", "status"), CASES)
def test_a_providers_error(function, upstream, kind, status):
    upstream.script(answers.plain(answers.error("No such luck.", "some_error", "a_code"), status))
    found, told, code, message = thrown(function, direct.chat())
    assert (found, told, code) == (kind, status, "a_code")
    assert "No such luck." in message


ODD_BODIES = [b"<h1>Bad gateway</h1>", b"", b"\xff\xfe", b'{"error": "plain"}', b"[]", b"{}"]


@pytest.mark.parametrize("body", ODD_BODIES, ids=repr)
@pytest.mark.parametrize(
    ("status", "kind"), [(503, "UpstreamUnavailable"), (429, "UpstreamThrottled"), (403, "UpstreamDenied")]
)
def test_a_providers_error_that_is_not_openais(function, upstream, body, status, kind):
    upstream.script(answers.raw(status, [("Content-Type", "text/html")], body))
    found, told, _, message = thrown(function, direct.chat())
    assert found == kind and told in (status, 502)
    assert len(message) < 5000


REQUESTS = {
    "an unknown server": ({"server": "nosuch", "path": "/v1/models"}, 404, "unknown_server"),
    "an endpoint that is not open": ({"server": "scripted", "path": "/v1/files"}, 404, "endpoint_not_open"),
    "a wrong method": ({"server": "scripted", "path": "/v1/chat/completions"}, 405, "method_not_allowed"),
    "a path with dots": ({"server": "scripted", "path": "/v1/../x"}, 400, "invalid_path"),
    "dots that lead to another server": ({"server": "scripted", "path": "../page/x"}, 400, "invalid_path"),
    "a body that is no JSON": (direct.chat(body="hello"), 400, "invalid_json"),
    "a body that is a list": (direct.chat(body=[1]), 400, "invalid_json"),
    "two models": (direct.chat(body='{"model":"a","model":"b"}'), 400, None),
    "an unknown model": ({"path": "/v1/chat/completions", "body": {"model": "nosuch/x"}}, 404, None),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_cannot_be_served(function, upstream, name):
    event, status, code = REQUESTS[name]
    kind, told, found, _ = thrown(function, event)
    assert (kind, told) == ("InvalidRequest", status)
    assert code in (None, found)
    assert upstream.saw_nothing


WRONG = [
    {"path": 5}, {"path": []}, {"path": {}}, {"path": True}, {"server": 5}, {"server": []}, {"method": 5},
    {"method": "G T"}, {"method": ""}, {"headers": 5}, {"headers": ["a"]}, {"headers": "a: b"},
    {"key": 5}, {"key": []}, {"key": {}},
]  # fmt: skip


@pytest.mark.parametrize("changes", WRONG, ids=json.dumps)
def test_a_member_of_a_wrong_type(function, upstream, changes):
    kind, status, code, _ = thrown(function, {**direct.chat(), **changes})
    assert (kind, status, code) == ("InvalidRequest", 400, "invalid_event")
    assert upstream.saw_nothing


@pytest.mark.parametrize("event", [{"server": "scripted"}, {"server": "scripted", "body": {}}, {"body": {}}], ids=str)
def test_an_event_without_a_path_fits_no_door(function, upstream, event):
    answer = function.ask(event)
    assert answer.failure["errorType"] in ("Function.InvalidEvent", "Function.InvalidRequest")
    assert upstream.saw_nothing


@pytest.mark.parametrize("server", ["refusing", "unresolvable", "untrusted"])
def test_a_provider_that_cannot_be_reached(function, upstream, server):
    kind, status, _, message = thrown(function, direct.chat(server))
    assert (kind, status) == ("UpstreamUnavailable", 502)
    assert "127.0.0.1" not in message and "nowhere.invalid" not in message and "the-token-of" not in message


def test_a_provider_that_breaks_the_connection(function, upstream):
    upstream.script(lambda exchange: exchange.reset())
    assert thrown(function, direct.chat())[:2] == ("UpstreamUnavailable", 502)


def test_a_provider_that_is_too_slow(function, upstream):
    upstream.script(lambda exchange: exchange.until_the_other_side_leaves())
    assert thrown(function, direct.chat("impatient"))[:3] == ("UpstreamTimeout", 504, "upstream_timeout")


def cut(exchange):
    exchange.send(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"half": ')
    exchange.close()


def nonsense(exchange):
    exchange.send(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
    exchange.close()


@pytest.mark.parametrize(
    "script",
    [
        nonsense, answers.raw(302, [("Location", "https://elsewhere.example/")], b""),
    ],
    ids=["not HTTP", "redirect"],
)  # fmt: skip
def test_an_answer_that_is_none(function, upstream, script):
    upstream.script(script)
    kind, status, _, _ = thrown(function, direct.chat())
    assert (kind, status) == ("UpstreamInvalidResponse", 502)


def test_an_answer_that_is_cut_off(function, upstream):
    upstream.script(cut)
    kind, status, code, _ = thrown(function, direct.chat())
    assert (kind, status) in [("UpstreamUnavailable", 502), ("UpstreamInvalidResponse", 502)], code


@pytest.mark.parametrize("changes", [{"path": "/\ud800"}, {"body": "\udfff"}, {"body": "\ud800{"}], ids=json.dumps)
def test_half_a_surrogate(function, upstream, changes):
    assert thrown(function, {**direct.chat(), **changes})[0] == "InvalidRequest"
    assert upstream.saw_nothing


def test_a_success_with_an_error_inside(function, upstream):
    upstream.script(answers.plain(answers.error("Overloaded.", "server_error", "overloaded")))
    kind, status, code, _ = thrown(function, direct.chat())
    assert (status, code) == (502, "overloaded") and kind.startswith("Upstream")


def test_the_invocations_own_time_runs_out(function, upstream):
    upstream.script(lambda exchange: exchange.until_the_other_side_leaves())
    kind, status, code, _ = thrown(function, direct.chat(), seconds=1.5)
    assert (kind, status, code) == ("DeadlineExceeded", 504, "deadline_exceeded")


@pytest.mark.parametrize("size", [6_300_000, 9_000_000])
def test_an_answer_that_is_too_large(function, upstream, size):
    upstream.script(answers.plain(answers.completion("x" * size)))
    kind, status, code, _ = thrown(function, direct.chat())
    assert (kind, status, code) == ("ResponseTooLarge", 502, "response_too_large")


def test_an_answer_that_just_fits(function, upstream):
    upstream.script(answers.plain(answers.completion("x" * 6_000_000)))
    assert direct.result(function.ask(direct.chat()))["status"] == 200


def test_a_limit_of_the_proxy(function, upstream):
    upstream.always = answers.plain(answers.completion("x"))
    direct.result(function.ask(direct.chat(key="a-poor-key")))
    assert thrown(function, direct.chat(key="a-poor-key"))[:2] == ("LimitExceeded", 429)


def test_a_variable_of_the_table_that_is_not_set(function, upstream):
    kind, status, code, message = thrown(function, direct.chat("incomplete"))
    assert (kind, status, code) == ("Misconfigured", 500, "server_misconfigured")
    assert "A_VARIABLE_THAT_IS_NOT_SET" in message


def test_a_token_whose_issuer_cannot_be_reached(function, upstream):
    token = tokens.by_pyjwt("ES256", signing_keys.key_for("ES256"), tokens.claims("https://i.example"))
    assert thrown(function, direct.chat(key=token))[:2] == ("Unavailable", 503)


def test_a_store_of_the_limits_that_cannot_be_reached(session_upstream, closed_port, untrusted):
    store = {"dynamodb": {"table": "limits", "region": "eu-west-1", "endpoint": f"http://127.0.0.1:{closed_port}"}}
    settings = {"store": store, "on_store_error": "deny"}
    account = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}
    with functions.serving(table(session_upstream, closed_port, untrusted, **settings), **account) as function:
        kind, status, code, _ = thrown(function, direct.chat(key="a-poor-key"))
        assert (kind, status, code) == ("Unavailable", 503, "limits_unavailable")
