"""What callers may say with Cache-Control, and how long a response is used again."""

import json
import time

import caching
import programs
import pytest
import records
from caching import ask

TABLE = """
cached: {{url: "{up}/v1", num_retries: 0, cache: true}}
brief:  {{url: "{up}/v1", num_retries: 0, cache: {{ttl: 1}}}}
long:   {{url: "{up}/v1", num_retries: 0, cache: {{ttl: 604800}}}}
settings:
  cache: {{ttl: 600}}
  virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]
"""


@pytest.fixture(scope="module")
def proxy(start, session_upstream):
    return start(TABLE.format(up=session_upstream.origin))


@pytest.fixture
def known(proxy, upstream):
    """A request whose response is in the cache."""
    body = caching.chat()
    caching.answers_once(upstream, "old")
    assert caching.source(ask(proxy, body)) == "uri-miss"
    return body


def refused(response):
    """It wasn't in the cache, and nobody was asked."""
    return (response.status, response.error["code"]) == (504, "not_in_cache")


@pytest.mark.parametrize("control", ["no-cache", "No-Cache", "NO-CACHE", " no-cache ,foo", "max-age=5,no-cache"])
def test_no_cache_asks_again_and_stores_the_answer(proxy, upstream, known, control):
    caching.answers_once(upstream, "new")
    response = ask(proxy, known, control=control)
    assert (caching.source(response), caching.text(response)) == ("request", "new")
    assert caching.text(ask(proxy, known)) == "new" and caching.source(ask(proxy, known)) == "memory"


@pytest.mark.parametrize("control", ["no-store", "NO-store", "no-cache, no-store", "no-store,max-age=1000"])
def test_no_store_neither_looks_up_nor_stores(proxy, upstream, known, control):
    for body in (known, caching.chat()):
        caching.answers_once(upstream, "new")
        response = ask(proxy, body, control=control)
        assert (caching.source(response), caching.text(response)) == ("bypass", "new")
        assert records.of(proxy, response)["cache"] == "bypass"
    assert refused(ask(proxy, body, control="only-if-cached"))
    assert caching.text(ask(proxy, known)) == "old"


def test_max_age_takes_only_what_is_young_enough(proxy, upstream, known):
    # A busy machine may take a while, but not an hour.
    for control in ("max-age=3600", "Max-Age=3600", "max-age=99999999999999999999999", 'max-age=3600, foo="no-cache"'):
        assert caching.source(ask(proxy, known, control=control)) == "memory", control
    deadline = time.monotonic() + programs.PATIENCE
    while caching.lifetime(ask(proxy, known))[0] < 1:
        assert time.monotonic() < deadline
    caching.answers_once(upstream, "new")
    response = ask(proxy, known, control="max-age=0")
    assert (caching.source(response), caching.text(response)) == ("request", "new")
    assert caching.text(ask(proxy, known)) == "new"


def test_only_if_cached_never_asks_the_provider(proxy, upstream, known):
    response = ask(proxy, known, control="only-if-cached")
    assert (caching.source(response), caching.text(response)) == ("memory", "old")
    for stream in (False, True):
        response = ask(proxy, caching.chat(stream=stream), control="only-if-cached")
        assert refused(response) and response.header("content-type") == "application/json"
        assert "only-if-cached" in response.error["message"]
        record = records.of(proxy, response)
        assert not record.get("attempts") and record["http.response.status_code"] == 504
        assert record["error.type"].startswith("caller_")
    for control in ("only-if-cached, no-cache", "only-if-cached, no-store", "ONLY-IF-CACHED, no-cache"):
        assert refused(ask(proxy, known, control=control)), control
    upstream.request()
    assert upstream.saw_nothing


GARBAGE = [
    "", " ", ",", ",,,,", ";", "=", "max-age", "max-age=", "max-age=abc", "max-age=-1", "max-age=1.5", 'max-age="60"',
    "max-age='60'", "max-age = 60", "max-age=60 60", "max-age=60;no-store", "max-age=0x10", "max-age=\xb2",
    "max-age=18446744073709551616", "max-age=60, max-age=0", '"no-store', "no-store=", "no-storeX", "no_store",
    'private="no-store, no-cache"', 'a="\\"', "public, s-maxage=1, stale-while-revalidate=60", "\t", "é",
    "no-cache=\"field\"", "only-if-cached=1", "x" * 4000, "max-age=" + "9" * 4000, ", ".join(["max-age=60"] * 300),
    "," * 4000,
]  # fmt: skip


@pytest.mark.parametrize("control", GARBAGE, ids=range(len(GARBAGE)))
def test_odd_directives_do_no_harm(proxy, upstream, known, control):
    """Whatever is made of them, the caller gets one of the two responses, and a true account of where it is from."""
    caching.answers_once(upstream, "new")
    response = ask(proxy, known, control=control)
    if response.status == 504:
        assert "only-if-cached" in control and refused(response)
    else:
        assert caching.text(response) == ("old" if caching.source(response) == "memory" else "new")
    assert caching.source(ask(proxy, known)) == "memory"


@pytest.mark.parametrize("control", GARBAGE[:5] + ["no_store", "no-storeX", "public", 'private="no-store, no-cache"'])
def test_unknown_directives_are_ignored(proxy, upstream, known, control):
    assert caching.source(ask(proxy, known, control=control)) == "memory"


def test_age_and_ttl_add_up_to_what_the_table_says(proxy, upstream):
    for server, ttl in [("cached", 600), ("long", 604800)]:
        path, body = f"/{server}/v1/chat/completions", caching.chat()
        caching.answers_once(upstream)
        ask(proxy, body, path)
        hit = ask(proxy, body, path)
        assert caching.source(hit) == "memory" and abs(sum(caching.lifetime(hit)) - ttl) <= 1


def test_a_response_is_used_until_its_time_is_over(proxy, upstream):
    path, body = "/brief/v1/chat/completions", caching.chat()
    caching.answers_once(upstream, "old")
    ask(proxy, body, path)
    deadline = time.monotonic() + programs.PATIENCE
    while (response := ask(proxy, body, path, control="only-if-cached")).status == 200:
        assert caching.text(response) == "old" and sum(caching.lifetime(response)) <= 1
        assert time.monotonic() < deadline
    assert refused(response)
    caching.answers_once(upstream, "new")
    response = ask(proxy, body, path)
    assert (caching.source(response), caching.text(response)) == ("stale", "new")


def test_a_refusal_is_no_longer_than_it_must_be(proxy, upstream):
    """What isn't in the cache costs the key a request, not tokens."""
    response = ask(proxy, caching.chat(), control="only-if-cached")
    assert len(response.body) < 1000 and json.loads(response.body)["error"]["param"] in (None, "cache-control")
    assert not records.of(proxy, response).get("gen_ai.usage.output_tokens")
