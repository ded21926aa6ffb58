"""Browsers behind doors that add no CORS headers of their own."""

import answers
import calls
import doors
import functions
import pytest
from doors import CHAT, DOORS

TABLE = """
scripted: {{url: "{up}/v1", num_retries: 0}}
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""
APP, OTHER, LOCAL = "https://app.example", "https://evil.example", "http://localhost:5173"
OWN = [door for door in DOORS if door.adds_cors]
BARE = [door for door in DOORS if not door.adds_cors]
CORS = {"access-control-allow-origin", "access-control-expose-headers", "access-control-allow-methods"}
ASKS = [("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type,x-x")]


def behind_origins(origins):
    @pytest.fixture(scope="module")
    def behind(session_upstream):
        variables = {} if origins is None else {"PROXY_ALLOWED_ORIGINS": origins}
        with functions.behind_all_doors(TABLE.format(up=session_upstream.origin), **variables) as behind:
            yield behind

    return behind


some = behind_origins(f"{APP},{LOCAL}")
everyone = behind_origins("*")
nobody = behind_origins(None)


def asked(behind, door, origin=APP, **more):
    headers = [] if origin is None else [("Origin", origin)]
    return behind.call(door, body=calls.chat(**more), headers=headers)


def preflight(behind, door, origin=APP):
    return behind.call(door, "OPTIONS", CHAT, headers=[("Origin", origin), *ASKS], key=None)


def varies(response):
    return "origin" in [name.strip().lower() for name in (response.header("vary") or "").split(",")]


@pytest.mark.parametrize("door", BARE, ids=str)
@pytest.mark.parametrize("origin", [APP, LOCAL])
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
def test_an_origin_in_the_list_is_allowed(some, upstream, door, origin, stream):
    upstream.script(answers.stream("a") if stream else answers.plain({}))
    response = asked(some, door, origin, stream=stream)
    assert response.status == 200
    assert response.header("access-control-allow-origin") == origin
    assert response.header("access-control-expose-headers") == "*"
    assert varies(response)


@pytest.mark.parametrize("door", BARE, ids=str)
@pytest.mark.parametrize(
    "origin", [OTHER, "https://app.example.evil.example", "https://app.exampl", "null", "", "*", None]
)
def test_another_origin_is_not_allowed(some, upstream, door, origin):
    upstream.script(answers.plain({}))
    response = asked(some, door, origin)
    assert response.status == 200 and response.header("access-control-allow-origin") is None
    assert preflight(some, door, origin or "").header("access-control-allow-origin") is None


@pytest.mark.parametrize("door", BARE, ids=str)
def test_an_error_can_be_read_by_the_page_too(some, upstream, door):
    response = some.call(door, body=calls.chat(), headers=[("Origin", APP)], key="a-wrong-key")
    assert (response.status, response.header("access-control-allow-origin")) == (401, APP)
    event = door.event(headers=[("Origin", APP)]) | {"body": "?", "isBase64Encoded": True}
    response = door.response(some.behind(door).ask(event))
    assert (response.status, response.error["code"]) == (400, "invalid_event")


@pytest.mark.parametrize("door", BARE, ids=str)
def test_a_preflight_is_answered_without_a_key(some, upstream, door):
    response = preflight(some, door)
    assert (response.status, response.body.strip()) == (204, b"")
    assert response.header("access-control-allow-origin") == APP
    methods = {name.strip() for name in response.header("access-control-allow-methods").split(",")}
    assert "*" in methods or "POST" in methods
    allowed = {name.strip().lower() for name in response.header("access-control-allow-headers").split(",")}
    # A star does not allow Authorization: https://fetch.spec.whatwg.org/#http-new-header-syntax
    assert "authorization" in allowed and ("*" in allowed or {"content-type", "x-x"} <= allowed)
    assert upstream.saw_nothing


@pytest.mark.parametrize("door", BARE, ids=str)
def test_with_a_star_every_origin_is_allowed(everyone, upstream, door):
    upstream.script(answers.plain({}))
    assert asked(everyone, door, OTHER).header("access-control-allow-origin") in ("*", OTHER)
    assert preflight(everyone, door, OTHER).status == 204


@pytest.mark.parametrize("door", BARE, ids=str)
def test_without_the_variable_nothing_is_added(nobody, upstream, door):
    upstream.script(answers.plain({}))
    assert not asked(nobody, door).header_names & CORS
    response = preflight(nobody, door)
    assert response.status != 204 and not response.header_names & CORS


@pytest.mark.parametrize("door", OWN, ids=str)
def test_a_door_that_adds_them_gets_none(some, upstream, door):
    """Doubled headers make browsers refuse the response."""
    upstream.script(answers.plain({}))
    assert not asked(some, door).header_names & CORS


@pytest.mark.parametrize("door", BARE, ids=str)
def test_options_without_the_question_of_a_preflight_is_a_request(some, upstream, door):
    response = some.call(door, "OPTIONS", CHAT, headers=[("Origin", APP)])
    assert response.status != 204
    assert upstream.saw_nothing


def test_every_door_is_tested():
    assert len(OWN) + len(BARE) == len(doors.DOORS) and len(BARE) == 4
