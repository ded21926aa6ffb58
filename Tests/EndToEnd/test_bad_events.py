"""Events that are not what their door sends: an error in its own form, and the same process serves on."""

import copy
import json

import answers
import calls
import functions
import pytest
from doors import CHAT, DOORS, FUNCTION_URL, HTTP_API, HTTP_API_1, LOAD_BALANCER, MULTI_VALUE, REST, REST_API

TABLE = """
scripted: {{url: "{up}/v1", num_retries: 0}}
page: {{url: "{up}/root", reverse_proxy: true}}
settings: {{trust_gateway: true, virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}], direct_invocation: true}}
"""
DEEP = 100_000
# One door for each form of headers and queries, for events that take long to make.
FORMS = [FUNCTION_URL, REST_API, LOAD_BALANCER, MULTI_VALUE]


@pytest.fixture(scope="module")
def behind(session_upstream):
    table = TABLE.format(up=session_upstream.origin)
    with functions.behind_all_doors(table, PROXY_FUNCTION_URL="none") as behind:
        yield behind
        behind.buffering.serves_on()
        behind.streaming.serves_on()


@pytest.fixture
def ask(behind):
    """Send an event to a function, and check afterwards that the same process serves the next request."""

    def ask(door, event):
        function = behind.behind(door)
        answer = function.ask(event)
        assert door.response(function.ask(door.event("GET", "/health", key=None))).json["status"] == "ok"
        return answer

    return ask


@pytest.fixture(params=DOORS, ids=str)
def door(request):
    return request.param


def invalid(door, answer):
    response = door.response(answer)
    assert (response.status, response.error["code"]) == (400, "invalid_event"), response.body
    assert response.error["type"] == "invalid_request_error"
    assert response.error["message"]


def good(door):
    return door.event(body=calls.chat())


def changed(event, path, value=None):
    """A copy with another value at a path, or without it for None."""
    event = copy.deepcopy(event)
    inner = event
    for name in path[:-1]:
        inner = inner[name]
    if value is None:
        inner.pop(path[-1], None)
    else:
        inner[path[-1]] = value
    return event


def method_of(door):
    return ("requestContext", "http", "method") if "http" in good(door)["requestContext"] else ("httpMethod",)


def path_of(door):
    return ("rawPath",) if "rawPath" in good(door) else ("path",)


def is_seen_by_method(door):
    """Without a method nobody knows that it is an event of this door."""
    return isinstance(door, REST)


WRONG = [5, 1e300, True, [], ["POST"], {}, {"POST": 1}]


@pytest.mark.parametrize("value", [*WRONG, "", "G T", "GET\r\nX: y", "GÉT", "\0"], ids=repr)
def test_a_method_that_is_none(ask, upstream, door, value):
    answer = ask(door, changed(good(door), method_of(door), value))
    if not isinstance(value, str) and is_seen_by_method(door):
        assert answer.kind == "response" or answer.failure["errorType"] == "Function.InvalidEvent"
    else:
        invalid(door, answer)
    assert upstream.saw_nothing


@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_a_path_of_another_type(ask, upstream, door, value):
    invalid(door, ask(door, changed(good(door), path_of(door), value)))
    assert upstream.saw_nothing


@pytest.mark.parametrize("value", [5, True, [], ["x"], {"a": 1}], ids=repr)
def test_a_body_of_another_type(ask, upstream, door, value):
    invalid(door, ask(door, changed(good(door), ("body",), value)))
    assert upstream.saw_nothing


@pytest.mark.parametrize("value", ["true", 1, [], {}], ids=repr)
def test_the_mark_of_base64_of_another_type(ask, upstream, door, value):
    invalid(door, ask(door, changed(good(door), ("isBase64Encoded",), value)))
    assert upstream.saw_nothing


@pytest.mark.parametrize("body", ["{}", "e30", "e30=\n ", "e3$=", "====", "é", "e30=e30=", "\0"], ids=repr)
def test_a_body_that_is_not_the_base64_it_says(ask, upstream, door, body):
    answer = ask(door, good(door) | {"body": body, "isBase64Encoded": True})
    invalid(door, answer)
    assert upstream.saw_nothing


@pytest.mark.parametrize("member", ["headers", "multiValueHeaders"])
@pytest.mark.parametrize(
    "value", [5, "x", ["a"], {"a": 5}, {"a": ["b"]}, {"a": "b"}, {"a": None}, {"a": [[]]}], ids=repr
)
def test_headers_of_another_type_are_an_error_or_none(ask, upstream, door, member, value):
    """Without headers there is no key. Whatever it is called, no provider is asked."""
    event = changed(changed(good(door), ("headers",)), ("multiValueHeaders",)) | {member: value}
    if door is MULTI_VALUE and member == "headers":
        door = LOAD_BALANCER
    if door is LOAD_BALANCER and member == "multiValueHeaders":
        door = MULTI_VALUE
    answer = ask(door, event)
    forms = [form for form in (door, LOAD_BALANCER) if fits(form, answer, (400, 401))]
    assert forms, answer.raw
    assert upstream.saw_nothing


@pytest.mark.parametrize(
    "value", [5, "a=b", ["a"], {"a": 5}, {"a": {}}, {"a": [1]}, {"a": None}, {"a": [None]}, {"a": []}], ids=repr
)
@pytest.mark.parametrize("member", ["rawQueryString", "queryStringParameters", "multiValueQueryStringParameters"])
def test_a_query_of_another_type_is_an_error_or_none(ask, upstream, door, member, value):
    upstream.always = answers.plain({})
    event = door.event("GET", "/page/x")
    for name in ("rawQueryString", "queryStringParameters", "multiValueQueryStringParameters"):
        event.pop(name, None)
    response = door.response(ask(door, event | {member: value}))
    assert response.status in (200, 400)
    if response.status == 400:
        assert response.error["code"] == "invalid_event"


@pytest.mark.parametrize("member", ["method", "path"])
def test_half_an_event(ask, upstream, door, member):
    path = method_of(door) if member == "method" else path_of(door)
    answer = ask(door, changed(good(door), path))
    if member == "method" and is_seen_by_method(door):
        assert answer.kind == "response" or answer.failure["errorType"] == "Function.InvalidEvent"
    else:
        invalid(door, answer)
    assert upstream.saw_nothing


MIXED = {
    "a load balancer's context in a REST event": (
        REST_API, LOAD_BALANCER, lambda rest, alb: rest["requestContext"].update(alb["requestContext"])
    ),
    "an HTTP API's context in a load balancer's event": (
        LOAD_BALANCER, None, lambda alb, _: alb["requestContext"].update(http={"method": "POST", "path": CHAT})
    ),
    "an HTTP API's context in a REST event": (
        REST_API, None, lambda rest, _: rest["requestContext"].update(http={"method": "POST", "path": CHAT})
    ),
    "a REST event's members in a function URL's": (
        FUNCTION_URL, None, lambda url, _: url.update(httpMethod="POST", path="/page/x")
    ),
    "a direct invocation's members in a REST event": (REST_API, None, lambda rest, _: rest.update(server="page")),
    "payload 2.0 in a REST event": (REST_API, None, lambda rest, _: rest.update(version="2.0")),
    "another version": (HTTP_API, None, lambda event, _: event.update(version="3.0")),
    "a version that is a number": (HTTP_API_1, None, lambda event, _: event.update(version=1.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", MIXED)
def test_members_of_two_doors(ask, upstream, name):
    """It is an error or a request, but the answer has the form of one door and no provider is asked twice."""
    door, other, mix = MIXED[name]
    event = good(door)
    mix(event, good(other) if other else None)
    upstream.always = answers.plain({})
    answer = ask(door, event)
    forms = [form for form in DOORS if fits(form, answer)]
    assert forms or answer.failure["errorType"] == "Function.InvalidEvent", answer.raw


def fits(door, answer, statuses=(200, 400)):
    try:
        return door.response(answer).status in statuses
    except (AssertionError, KeyError, ValueError):
        return False


def deep(levels, opening="[", closing="]"):
    return opening * levels + closing * levels


@pytest.mark.parametrize("member", ["body", "x", "headers", "requestContext", "path", "authorizer"])
@pytest.mark.parametrize("form", ["arrays", "objects", "open"])
def test_deep_nesting(ask, upstream, door, member, form):
    value = {"arrays": deep(DEEP), "objects": deep(DEEP, '{"a":', "}").replace('{"a":}', '{"a":0}'), "open": "[" * DEEP}
    text = json.dumps(good(door) | {"PLACE": 0}).replace('"PLACE": 0', f'"{member}": {value[form]}')
    answer = ask(door, text.encode())
    forms = [form for form in DOORS if fits(form, answer)]
    assert forms or answer.failure["errorType"] == "Function.InvalidEvent", answer.raw[:300]


MEMBERS = ["requestContext", "path", "rawPath", "body", "headers", "httpMethod"]
CASES = [(door, member) for door in DOORS for member in MEMBERS if member in good(door)]


@pytest.mark.parametrize(("door", "member"), CASES, ids=str)
def test_a_member_twice_has_one_meaning(ask, upstream, door, member):
    event = good(door)
    upstream.always = answers.plain({})
    text = json.dumps(event)
    doubled = f'{text[:-1]}, "{member}": {json.dumps(event[member])}}}'
    # Two equal keys are not one key.
    assert door.response(ask(door, doubled.encode())).status in (200, 400, 401)


@pytest.mark.parametrize("door", FORMS, ids=str)
@pytest.mark.parametrize("count, size", [(900, 10), (5000, 10), (66_000, 4), (100, 10_000), (3, 500_000)])
def test_many_fields(ask, upstream, door, count, size):
    upstream.always = answers.plain({})
    fields = [(f"X-{number}", "x" * size) for number in range(count)]
    response = door.response(ask(door, door.event("GET", "/page/x", headers=fields)))
    assert response.status in (200, 400, 431)
    if count == 900:
        assert response.status == 200
    else:
        assert response.error["code"]


@pytest.mark.parametrize("count", [10_000, 50_000])
def test_many_values_of_one_field(ask, upstream, door, count):
    upstream.always = answers.plain({})
    fields = [("X-A", "x")] * count
    assert door.response(ask(door, door.event("GET", "/page/x", headers=fields))).status in (200, 400, 431)


@pytest.mark.parametrize("door", FORMS, ids=str)
@pytest.mark.parametrize("count", [1000, 20_000])
def test_many_members_of_a_query(ask, upstream, door, count):
    upstream.always = answers.plain({})
    query = "&".join(f"a{number}=%C3%BC" for number in range(count))
    assert door.response(ask(door, door.event("GET", "/page/x", query=query))).status in (200, 400, 414)


@pytest.mark.parametrize("door", FORMS, ids=str)
@pytest.mark.parametrize("encode", [True, False], ids=["base64", "text"])
def test_a_huge_body(ask, upstream, door, encode):
    """Lambda does not send as much, but the program doesn't rely on that."""
    upstream.always = answers.plain({})
    answer = ask(door, door.event(body=calls.chat(padding="x" * 10_000_000), encode=encode))
    assert door.response(answer).status in (200, 400, 413)


BYTES = {
    "invalid UTF-8": (b"Hi", b"\xff\xfe"),
    "overlong UTF-8": (b"Hi", b"\xc0\xaf"),
    "an encoded surrogate": (b"Hi", b"\xed\xa0\x80"),
    "half a surrogate": (b"Hi", b"\\ud83d"),
    "the other half": (b"Hi", b"\\ude00 x"),
    "an escape that is none": (b"Hi", b"\\x41"),
    "a control character": (b"Hi", b"\x00\x1f"),
    "an escaped NUL": (b"Hi", b"\\u0000"),
}


@pytest.mark.parametrize("name", BYTES)
def test_text_that_is_not_unicode(ask, upstream, door, name):
    upstream.always = answers.plain({})
    old, new = BYTES[name]
    raw = json.dumps(good(door)).encode()
    answer = ask(door, raw.replace(old, new))
    if answer.kind == "error":
        assert answer.failure["errorType"] == "Function.InvalidEvent"
    else:
        assert door.response(answer).status in (200, 400)
    for old, new in [
        (b"chat/completions", b"chat/\\ud800"),
        (b"chat/completions", b"chat/\\u0000"),
        (b'"test"', b'"\\udfff"'),
    ]:
        answer = ask(door, raw.replace(old, new))
        assert answer.kind == "error" or door.response(answer).status in (200, 400, 404)


@pytest.mark.parametrize("value", ["x\r\ny: z", "x\ny", "\0", "é" * 100, " x ", "\x7f"], ids=repr)
def test_a_field_that_would_be_two(ask, upstream, door, value):
    upstream.always = answers.plain({})
    response = door.response(ask(door, door.event("GET", "/page/x", headers=[("X-Odd", value), ("X: y\r\nz", "1")])))
    assert response.status in (200, 400)
    if response.status == 200:
        assert "y" not in upstream.request().header_names


@pytest.mark.parametrize(
    "context", [5, "x", [], None, True, {"elb": 5}, {"http": []}, {"http": {"method": {}}}, {"identity": []}], ids=repr
)
def test_a_context_of_another_type(ask, upstream, door, context):
    upstream.always = answers.plain({})
    answer = ask(door, good(door) | {"requestContext": context})
    if answer.kind == "error":
        assert answer.failure["errorType"] in ("Function.InvalidEvent", "Function.InvalidRequest")
    else:
        assert any(fits(form, answer) for form in DOORS) or "status" in json.loads(answer.raw)


@pytest.mark.parametrize(
    "authorizer", [5, "x", [], True, {"claims": 5}, {"claims": {"sub": {}}}, {"jwt": []}, {"jwt": {"claims": [1]}},
                   {"principalId": {}}, {"lambda": "x"}, {"claims": None}], ids=repr,
)  # fmt: skip
def test_an_authorizer_of_another_type_identifies_nobody(ask, upstream, door, authorizer):
    event = door.event(body=calls.chat(), key=None, authorizer=authorizer)
    response = door.response(ask(door, event))
    assert response.status == 401
    assert upstream.saw_nothing


NO_EVENTS = [
    b"", b" ", b"{", b"{}", b"[]", b"null", b"5", b'"x"', b"true", b"{}{}", b"\xff", b"\xef\xbb\xbf{}", b"NaN",
    b'{"Records": []}', b'{"key1": "value1"}', b'{"requestContext": {}}', b'{"requestContext": null}',
]  # fmt: skip


@pytest.mark.parametrize("event", NO_EVENTS, ids=repr)
def test_what_is_no_event_of_any_door(ask, event):
    answer = ask(FUNCTION_URL, event)
    assert answer.kind == "error"
    assert answer.failure["errorType"] in ("Function.InvalidEvent", "Function.InvalidRequest")
    assert answer.headers["lambda-runtime-function-error-type"] == answer.failure["errorType"]
