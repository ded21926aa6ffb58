"""No user sees a stored response that belongs to another, unless the owner says that they share."""

import caching
import issuer_tables
import pytest
import tables
from caching import ask
from issuer_tables import backend, backend_token

ISSUERS = [
    backend(),
    backend("elsewhere"),
    backend("off", cache=False),
    backend("team", cache={"namespace": "team"}),
    backend("limited", user_limits={"requests_per_month": 2}),
    backend("plans", plans=[{"name": "small", "match": {"plan": "small"}, "allowed_models": ["small"]}]),
]
KEYS = [
    {"name": "my-key", "key": "key-of-the-table"},
    {"name": "member", "key": "key-of-the-team", "cache": {"namespace": "team"}},
    {"name": "named", "key": "key-with-a-namespace", "cache": {"namespace": "my-backend"}},
]
OWN, SHARED = "/own/v1/chat/completions", "/shared/v1/chat/completions"


@pytest.fixture(scope="module")
def proxy(start, session_upstream):
    url = {"url": f"{session_upstream.origin}/v1", "token": tables.UPSTREAM_TOKEN, "num_retries": 0}
    servers = {"own": {**url, "cache": True}, "shared": {**url, "cache": {"shared": True}}}
    return start(issuer_tables.table(session_upstream, *ISSUERS, servers=servers, virtual_keys=KEYS))


def told(proxy, upstream, body, path, callers):
    """Let these callers ask twice; return by caller the name of whom the text was written for."""
    got = {}
    for name, key in callers.items():
        caching.answers_once(upstream, name)
        first, second = ask(proxy, body, path, key=key), ask(proxy, body, path, key=key)
        assert caching.text(second) == caching.text(first) and caching.source(second) == "memory"
        got[name] = caching.text(first)
        upstream.forget()
    return got


CALLERS = {
    "one": backend_token("one"),
    "two": backend_token("two"),
    "one elsewhere": backend_token("one", "elsewhere"),
    "key": "key-of-the-table",
    "namespace with the issuer's name": "key-with-a-namespace",
    "owner": tables.UPSTREAM_TOKEN,
}


def test_each_user_has_entries_of_its_own(proxy, upstream):
    assert told(proxy, upstream, caching.chat(), OWN, CALLERS) == {name: name for name in CALLERS}


def test_a_user_finds_its_entries_with_another_token(proxy, upstream):
    body = caching.chat()
    caching.answers_once(upstream)
    assert caching.source(ask(proxy, body, OWN, key=backend_token("one", jti="1"))) == "uri-miss"
    assert caching.source(ask(proxy, body, OWN, key=backend_token("one", jti="2"))) == "memory"


def test_users_share_the_entries_of_a_server_that_says_so(proxy, upstream):
    callers = {name: key for name, key in CALLERS.items() if not name.startswith("namespace")}
    assert told(proxy, upstream, caching.chat(), SHARED, callers) == dict.fromkeys(callers, "one")


def test_users_of_a_namespace_share_its_entries(proxy, upstream):
    team = {"one": backend_token("one", "team"), "two": backend_token("two", "team"), "key": "key-of-the-team"}
    body = caching.chat()
    assert told(proxy, upstream, body, OWN, team) == dict.fromkeys(team, "one")
    assert told(proxy, upstream, body, OWN, {"other": backend_token("one")}) == {"other": "other"}


@pytest.mark.parametrize("path", [OWN, SHARED])
def test_users_of_an_issuer_without_a_cache_neither_read_nor_write(proxy, upstream, path):
    body = caching.chat()
    caching.answers_once(upstream, "stored")
    ask(proxy, body, path, key=CALLERS["one"])
    for number in range(2):
        caching.answers_once(upstream, f"new {number}")
        response = ask(proxy, body, path, key=backend_token("one", "off"), control="max-age=60")
        assert caching.text(response) == f"new {number}" and "cache-status" not in response.header_names


@pytest.mark.parametrize("control", [None, "only-if-cached", "max-age=60"])
def test_who_may_not_ask_gets_no_stored_response(proxy, upstream, control):
    body = caching.chat()
    caching.answers_once(upstream, "a secret")
    assert caching.text(ask(proxy, body, SHARED, key=CALLERS["one"])) == "a secret"
    upstream.forget()
    for key, status in [
        (backend_token("one", secret="w" * 40), 401), (backend_token("one", exp=1), 401),
        (backend_token("one", "plans", plan="small"), 403), (CALLERS["one"][:-8] + "A" * 8, 401),
    ]:  # fmt: skip
        response = ask(proxy, body, SHARED, control=control, key=key)
        assert response.status == status and b"a secret" not in response.body
    assert upstream.saw_nothing


def test_a_users_limit_comes_before_the_cache(proxy, upstream):
    body, key = caching.chat(), backend_token("one", "limited")
    caching.answers_once(upstream)
    assert [ask(proxy, body, SHARED, key=key).status for _ in range(3)] == [200, 200, 429]
    assert ask(proxy, body, SHARED, key=key, control="only-if-cached").status == 429
    assert ask(proxy, body, SHARED, key=backend_token("two", "limited")).status == 200
