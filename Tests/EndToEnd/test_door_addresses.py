"""Which path and which query the provider sees, whatever the door has made of them."""

import urllib.parse

import answers
import calls
import doors
import functions
import pytest
from doors import DOORS, HTTPAPI, HTTPAPI1, LOAD_BALANCER, REST, StreamingREST

TABLE = """
page: {{url: "{up}/root", reverse_proxy: true}}
s: {{url: "{up}/v1", num_retries: 0}}
prod: {{url: "{up}/prod/v1", num_retries: 0}}
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""
DECODED = [door for door in DOORS if isinstance(door, REST)]
VERBATIM = [door for door in DOORS if not isinstance(door, REST)]


@pytest.fixture(scope="module")
def behind(session_upstream):
    with functions.behind_all_doors(TABLE.format(up=session_upstream.origin)) as behind:
        yield behind


@pytest.fixture
def target(behind, upstream):
    """What the provider sees of a request."""
    upstream.always = answers.plain({})

    def target(door, path, query=""):
        response = behind.call(door, "GET", path, query=query)
        assert response.status == 200, response.body
        return upstream.request().target

    return target


STAGES = [
    HTTPAPI(), HTTPAPI("prod"), HTTPAPI("v1"), HTTPAPI("page"), HTTPAPI("s"), HTTPAPI("$default", "api.example.com"),
    HTTPAPI("prod", "api.example.com"), HTTPAPI1(), HTTPAPI1("prod"), HTTPAPI1("page"),
    REST(), REST("/llm"), REST("/page"), REST("/llm/v2"), StreamingREST("/llm"), LOAD_BALANCER,
]  # fmt: skip


PATHS = ["/thing", "/page/thing", "/prod/prod/x", "/llm/x", "/a%20b/%C3%A9", "/a+b/~c;d=e", "/thing/"]


def named(door):
    return f"{door}-{getattr(door, 'stage', '')}{getattr(door, 'base_path', '')}"


@pytest.mark.parametrize("door", STAGES, ids=named)
@pytest.mark.parametrize("path", PATHS)
def test_the_path_is_that_of_the_caller(target, door, path):
    """Stage and base path are removed once, even if the caller's path begins with the same word."""
    assert target(door, f"/page{path}") == f"/root{path}"


@pytest.mark.parametrize("door", STAGES, ids=named)
def test_a_server_may_have_the_name_of_the_stage(target, door):
    assert target(door, "/prod/v1/models") == "/prod/v1/models"


def test_a_custom_domain_of_an_http_api_with_a_base_path(behind, upstream):
    """Without a stage in the path, nothing is removed that isn't there."""
    upstream.always = answers.plain({})
    event = HTTPAPI("prod", "api.example.com").event("GET", "/s/v1/models")
    event["rawPath"] = event["requestContext"]["http"]["path"] = "/s/v1/models"
    assert doors.HTTP_API.response(behind.buffering.ask(event)).status == 200
    assert upstream.request().target == "/v1/models"


@pytest.mark.parametrize("stage", ["pro", "prod2", "production", "PROD", "%70rod"])
def test_a_word_that_only_looks_like_the_stage_is_no_stage(behind, upstream, stage):
    upstream.always = answers.plain({})
    event = HTTPAPI(stage).event("GET", "/v1/models")
    event["rawPath"] = "/prod/v1/models"
    assert doors.HTTP_API.response(behind.buffering.ask(event)).status == 200
    assert upstream.request().target == "/prod/v1/models"


@pytest.mark.parametrize(
    ("resource", "parameters"),
    [
        ("/{proxy+}", None), ("/{proxy+}", {}), ("/{proxy+}", {"proxy": None}), ("/{proxy+}", {"proxy": 5}),
        ("/{proxy+}", {"other": "x"}), ("/", None), ("/page/thing", None), (None, None),
        ("/{proxy+}", {"proxy": "nothing/like/it"}), ("/page/{proxy+}", {"proxy": "thing"}),
        ("/page/{name}", {"name": "thing"}), ("/{server}/{proxy+}", {"server": "page", "proxy": "thing"}),
    ],
)  # fmt: skip
def test_without_a_proxy_resource_the_path_stays_as_it_is(behind, upstream, resource, parameters):
    upstream.always = answers.plain({})
    event = doors.REST_API.event("GET", "/page/thing") | {"resource": resource, "pathParameters": parameters}
    assert doors.REST_API.response(behind.buffering.ask(event)).status == 200
    assert upstream.request().target == "/root/thing"


@pytest.mark.parametrize("resource, base", [("/page/{proxy+}", "/llm"), ("/page/{proxy+}", "/llm/v2")])
def test_a_base_path_before_a_longer_resource(behind, upstream, resource, base):
    upstream.always = answers.plain({})
    event = doors.REST_API.event("GET", f"{base}/page/thing")
    event |= {"resource": resource, "pathParameters": {"server": "page", "proxy": "thing"}}
    assert doors.REST_API.response(behind.buffering.ask(event)).status == 200
    assert upstream.request().target == "/root/thing"


@pytest.mark.parametrize("proxy", ["page/a%20b/%C3%A9", "page/a b/é"], ids=["as written", "decoded"])
@pytest.mark.parametrize("base", ["", "/llm"])
def test_a_path_that_is_encoded_keeps_its_encoding(behind, upstream, proxy, base):
    upstream.always = answers.plain({})
    event = REST(base).event("GET", "/page/a%20b/%C3%A9") | {"pathParameters": {"proxy": proxy}}
    assert doors.REST_API.response(behind.buffering.ask(event)).status == 200
    assert upstream.request().target == "/root/a%20b/%C3%A9"


# What a caller writes. A gateway decodes it, or passes it on.
QUERIES = [
    "a=1", "a=1&b=2", "a=1&a=2&a=3", "a=", "a=b%20c", "a=b%2Bc", "a=%26%3D%23%3F%2F", "a=%C3%A9%F0%9F%91%8B",
    "include%5B%5D=x&include%5B%5D=y", "a%26b=c%3Dd", "a=%25", "a=%2520", "a=%00", "a=b%0D%0Ac", "%C3%BC=%22%3C%3E",
    "a=" + "x" * 5000, "&".join(f"n{number}={number}" for number in range(200)),
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:30])
@pytest.mark.parametrize("door", VERBATIM, ids=str)
def test_a_query_that_was_not_decoded_is_the_same_byte_by_byte(target, door, query):
    seen = target(door, "/page/thing", query).partition("?")[2]
    if door is LOAD_BALANCER:
        # It has the last of several values.
        query = "&".join(dict((part.partition("=")[0], part) for part in query.split("&")).values())
    if door is doors.MULTI_VALUE or door is LOAD_BALANCER:
        assert sorted(seen.split("&")) == sorted(query.split("&"))
    else:
        assert seen == query


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:30])
@pytest.mark.parametrize("door", DECODED, ids=str)
def test_a_query_that_was_decoded_is_encoded_again(target, door, query):
    seen = target(door, "/page/thing", query).partition("?")[2]
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    assert sorted(urllib.parse.parse_qsl(seen, keep_blank_values=True)) == sorted(pairs)
    for name in {name for name, _ in pairs}:
        values = [value for other, value in urllib.parse.parse_qsl(seen, keep_blank_values=True) if other == name]
        assert values == [value for other, value in pairs if other == name]
    unreserved = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%=&")
    assert set(seen) <= unreserved, seen


@pytest.mark.parametrize("door", DECODED, ids=str)
def test_several_values_win_over_the_last_one(behind, upstream, door):
    upstream.always = answers.plain({})
    event = door.event("GET", "/page/thing", query="a=1&a=2")
    event["queryStringParameters"] = {"a": "2", "b": "only here"}
    event["multiValueHeaders"]["Accept"] = ["text/one"]
    event["headers"]["Accept"] = "text/two"
    assert door.response(behind.behind(door).ask(event)).status == 200
    request = upstream.request()
    assert (request.target, request.header("accept")) == ("/root/thing?a=1&a=2", "text/one")


@pytest.mark.parametrize("door", DECODED, ids=str)
def test_without_several_values_the_single_ones_count(behind, upstream, door):
    upstream.always = answers.plain({})
    event = door.event("GET", "/page/thing", query="a=1&b=%26")
    event |= {"multiValueQueryStringParameters": None, "multiValueHeaders": None}
    assert door.response(behind.behind(door).ask(event)).status == 200
    assert sorted(upstream.request().target.partition("?")[2].split("&")) == ["a=1", "b=%26"]


@pytest.mark.parametrize("door", DOORS, ids=str)
@pytest.mark.parametrize("body", ["null", "absent"])
def test_a_request_without_a_body(behind, upstream, door, body):
    upstream.always = answers.plain({})
    event = door.event("GET", "/page/thing")
    event.pop("body") if body == "absent" else event.update(body=None)
    assert door.response(behind.behind(door).ask(event)).status == 200
    assert upstream.request().body == b""


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_post_without_a_body_is_the_callers_fault(behind, upstream, door):
    response = door.response(behind.behind(door).ask(door.event(path="/s/v1/chat/completions")))
    assert (response.status, response.error["code"]) == (400, "invalid_json")


def test_a_key_beside_a_query_is_not_in_the_target(target):
    for door in DOORS:
        assert calls.KEY not in target(door, "/page/thing", "a=1")
