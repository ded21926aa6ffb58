"""Nobody sees a response that belongs to somebody else, or that they may not ask for."""

import caching
import calls
import pytest
from caching import ask

TABLE = """
own:    {{url: "{up}/v1", token: "${{UPSTREAM_TOKEN}}", num_retries: 0, cache: true}}
shared: {{url: "{up}/v1", token: "${{UPSTREAM_TOKEN}}", num_retries: 0, cache: {{shared: true}}}}
settings:
  {settings}
  virtual_keys:
    - {{name: one, key: key-one}}
    - {{name: two, key: key-two}}
    - {{name: left, key: key-left, cache: {{namespace: team}}}}
    - {{name: right, key: key-right, cache: {{namespace: team}}}}
    - {{name: other, key: key-other, cache: {{namespace: other}}}}
    - {{name: named, key: key-named, cache: {{namespace: one}}}}
    - {{name: team, key: key-team}}
    - {{name: none, id: without, key: key-none, cache: false}}
    - {{name: elsewhere, key: key-elsewhere, allowed_servers: [own]}}
    - {{name: small, key: key-small, allowed_models: [small]}}
    - {{name: spent, key: key-spent, requests_per_month: 1}}
"""
OWN, SHARED = "/own/v1/chat/completions", "/shared/v1/chat/completions"
OWNER = "the-token-of-the-upstream"


@pytest.fixture(scope="module")
def proxy(start, session_upstream):
    return start(TABLE.format(up=session_upstream.origin, settings="deadline_margin: 1"))


@pytest.fixture(scope="module")
def open_proxy(start, session_upstream):
    return start(TABLE.format(up=session_upstream.origin, settings="allow_anonymous: true"))


def own_texts(keys):
    return {key: f"for {'the owner' if key == OWNER else key}" for key in keys}


def told(proxy, upstream, body, path, keys):
    """Let these keys ask twice; return the text that each of them got."""
    # A provider's token would be redacted.
    names, got = {OWNER: "the owner"}, {}
    for key in keys:
        caching.answers_once(upstream, f"for {names.get(key, key)}")
        first, second = ask(proxy, body, path, key=key), ask(proxy, body, path, key=key)
        assert caching.text(second) == caching.text(first) and caching.source(second) == "memory"
        got[key] = caching.text(first)
        upstream.forget()
    return got


def test_keys_have_entries_of_their_own(proxy, upstream):
    keys = ["key-one", "key-two", "key-left", "key-other", "key-named", "key-team", OWNER]
    assert told(proxy, upstream, caching.chat(), OWN, keys) == own_texts(keys)


def test_keys_of_a_namespace_share_theirs(proxy, upstream):
    keys = ["key-left", "key-right", "key-team", "key-other"]
    got = told(proxy, upstream, caching.chat(), OWN, keys)
    assert got == {
        "key-left": "for key-left", "key-right": "for key-left", "key-team": "for key-team",
        "key-other": "for key-other",
    }  # fmt: skip


def test_all_share_the_entries_of_a_server_that_says_so(proxy, upstream):
    keys = ["key-one", "key-two", OWNER]
    assert told(proxy, upstream, caching.chat(), SHARED, keys) == dict.fromkeys(keys, "for key-one")


def test_anonymous_callers_share_with_nobody_else(open_proxy, upstream):
    keys = [None, "key-one", OWNER]
    assert told(open_proxy, upstream, caching.chat(), OWN, keys) == own_texts(keys)


@pytest.mark.parametrize("path", [OWN, SHARED])
def test_a_key_without_a_cache_neither_reads_nor_writes(proxy, upstream, path):
    body = caching.chat()
    caching.answers_once(upstream, "for one")
    ask(proxy, body, path, key="key-one")
    for number in range(2):
        caching.answers_once(upstream, f"for none {number}")
        response = ask(proxy, body, path, key="key-none", control="max-age=60")
        assert caching.text(response) == f"for none {number}"
        assert not {"cache-status", "x-cache", "age"} & response.header_names
    assert caching.text(ask(proxy, body, path, key="key-one")) == "for one"
    body = caching.chat()
    caching.answers_once(upstream)
    ask(proxy, body, path, key="key-none")
    assert ask(proxy, body, path, key="key-one", control="only-if-cached").status == 504


@pytest.mark.parametrize("control", [None, "only-if-cached", "max-age=60"])
def test_who_may_not_ask_gets_no_stored_response(proxy, upstream, control):
    body = caching.chat()
    caching.answers_once(upstream, "a secret")
    assert caching.text(ask(proxy, body, SHARED, key="key-one")) == "a secret"
    upstream.forget()
    one_address = {**body, "model": "shared/m"}
    for key, asked, path, status in [
        ("a-key-that-never-was", body, SHARED, 401),
        (None, body, SHARED, 401),
        ("key-elsewhere", body, SHARED, 403),
        ("key-small", body, SHARED, 403),
        ("key-elsewhere", one_address, "/v1/chat/completions", 404),
        ("key-small", one_address, "/v1/chat/completions", 404),
    ]:
        response = ask(proxy, asked, path, control=control, key=key)
        assert response.status == status and b"a secret" not in response.body, (key, path)
        assert "age" not in response.header_names
    assert upstream.saw_nothing


def test_a_spent_limit_comes_before_the_cache(proxy, upstream):
    body = caching.chat()
    caching.answers_once(upstream)
    assert caching.source(ask(proxy, body, SHARED, key="key-spent")) == "uri-miss"
    for control in (None, "only-if-cached"):
        assert ask(proxy, body, SHARED, key="key-spent", control=control).status == 429
    assert ask(proxy, caching.chat(), SHARED, key="key-spent", control="only-if-cached").status == 429


def test_a_revoked_key_gets_nothing_from_what_is_left(upstream, dynamodb, tmp_path):
    table = """
server: {{url: "{up}/v1", num_retries: 0, cache: {{shared: true, layers: [memory, tmp, dynamodb]}}}}
settings:
  store: {{dynamodb: {{table: limits, region: {region}, endpoint: "{endpoint}"}}}}
  virtual_keys: [{{name: stays, key: key-that-stays}}{revoked}]
"""
    path, body, variables = "/server/v1/chat/completions", caching.chat(), {"TMPDIR": str(tmp_path)}
    settings = {"up": upstream.origin, "region": dynamodb.region, "endpoint": dynamodb.endpoint}
    before = table.format(**settings, revoked=", {name: goes, key: key-that-goes}")
    caching.answers_once(upstream, "a secret")
    with caching.proxy(before, **variables, **dynamodb.variables) as proxy:
        assert caching.text(ask(proxy, body, path, key="key-that-goes")) == "a secret"
    upstream.request()
    with caching.proxy(table.format(**settings, revoked=""), **variables, **dynamodb.variables) as proxy:
        for control in (None, "only-if-cached"):
            response = ask(proxy, body, path, key="key-that-goes", control=control)
            assert response.status == 401 and b"a secret" not in response.body
        assert caching.source(ask(proxy, body, path, key="key-that-stays")) == "tmp"
    assert upstream.saw_nothing


def test_a_new_key_does_not_inherit_the_entries_of_an_old_one_with_another_id(upstream, tmp_path):
    table = """
server: {{url: "{up}/v1", num_retries: 0, cache: {{layers: [tmp]}}}}
settings: {{virtual_keys: [{{name: {name}, key: "${{TEST_KEY}}"}}]}}
"""
    path, body = "/server/v1/chat/completions", caching.chat()
    for name in ("before", "after"):
        caching.answers_once(upstream, name)
        with caching.proxy(table.format(up=upstream.origin, name=name), TMPDIR=str(tmp_path)) as proxy:
            response = ask(proxy, body, path, key=calls.KEY)
            assert (caching.source(response), caching.text(response)) == ("uri-miss", name)
