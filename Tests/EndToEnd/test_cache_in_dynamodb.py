"""The layer `dynamodb` of the cache: all environments share it, and whatever is in the table harms nobody."""

import json
import random
import threading
import time

import answers
import caching
import odd_dynamodb
import programs
import pytest
import records
from cache_layers import BIG, files, flipped, is_asked_again, settle, table
from caching import ask

STORE = """store: {{dynamodb: {{table: {table}, region: {region}, endpoint: "{endpoint}"}}}}"""


def with_store(upstream, dynamodb, layers="dynamodb", endpoint=None, name="limits", **more):
    store = STORE.format(table=name, region=dynamodb.region, endpoint=endpoint or dynamodb.endpoint)
    return table(upstream, layers, settings=store, **more)


def hit(proxy, body):
    """Return the response from the cache, once it's there.

    On a busy machine, moto may miss the second that a lookup has. Then it isn't asked for some seconds.
    """
    deadline = time.monotonic() + programs.PATIENCE
    while (response := ask(proxy, body, control="only-if-cached")).status == 504:
        assert time.monotonic() < deadline, proxy.log
    return response


def items(dynamodb):
    """What the cache has in the table, as boto3 has it."""
    pages = dynamodb.administrator.get_paginator("scan").paginate(TableName="limits")
    return [item for page in pages for item in page["Items"] if item["id"]["S"].startswith("cache#")]


def put(dynamodb, item):
    dynamodb.administrator.put_item(TableName="limits", Item=item)


def delete(dynamodb, item):
    dynamodb.administrator.delete_item(TableName="limits", Key={"id": item["id"]})


@pytest.mark.parametrize("text", ["Hello", BIG], ids=["one item", "several items"])
def test_dynamodb_is_shared_by_all_environments(upstream, dynamodb, tmp_path, text):
    body, servers = caching.chat(), with_store(upstream, dynamodb, "memory, tmp, dynamodb")
    caching.answers_once(upstream, text)
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    with caching.proxy(servers, **dynamodb.variables, TMPDIR=str(folders[0])) as proxy:
        first = ask(proxy, body)
        assert (caching.source(first), caching.text(first)) == ("uri-miss", text)
        assert caching.source(ask(proxy, body)) == "memory"
        kept = items(dynamodb)
        assert (len(kept) > 1) == (text is BIG)
        now = time.time()
        for item in kept:
            assert now < int(item["expires"]["N"]) <= now + 3700
            assert sum(len(str(value)) for value in item.values()) < 4 * 400_000
        upstream.request()
        with caching.proxy(servers, **dynamodb.variables, TMPDIR=str(folders[1])) as other:
            sources = [caching.source(response := hit(other, body)) for _ in range(2)]
            assert sources == ["dynamodb", "memory"] and response.body == first.body
    assert files(folders[1]), "a hit in DynamoDB fills /tmp"
    with caching.proxy(servers, **dynamodb.variables, TMPDIR=str(folders[1])) as proxy:
        again = ask(proxy, body)
        assert caching.source(again) == "tmp" and again.body == first.body
    assert upstream.saw_nothing


@pytest.fixture(scope="module")
def in_dynamodb(start, session_upstream, moto):
    """A proxy that keeps nothing elsewhere, so that it asks DynamoDB each time."""
    return start(with_store(session_upstream, moto), **moto.variables)


@pytest.fixture
def kept(in_dynamodb, upstream, dynamodb):
    """A request whose response is in DynamoDB, as one item."""
    settle(in_dynamodb)
    dynamodb.forget()
    body = caching.chat()
    caching.answers_once(upstream, "good")
    ask(in_dynamodb, body)
    assert caching.source(ask(in_dynamodb, body)) == "dynamodb"
    upstream.request()
    return body


def binary(item):
    """The name of the attribute with the entry."""
    (name,) = [name for name, value in item.items() if "B" in value]
    return name


def changed(**values):
    return lambda item: {**item, **values}


def entry(change):
    """Change the bytes of the entry."""
    return lambda item: {**item, binary(item): {"B": change(item[binary(item)]["B"])}}


def without(choose):
    return lambda item: {name: value for name, value in item.items() if name != choose(item)}


DAMAGED = {
    "expired": changed(expires={"N": "1700000000"}),
    "empty": entry(lambda data: b""),
    "short": entry(lambda data: data[: len(data) // 2]),
    "cut by one": entry(lambda data: data[:-1]),
    "longer": entry(lambda data: data + b"\0"),
    "flipped": entry(lambda data: flipped(data, len(data) // 2)),
    "flipped at the beginning": entry(lambda data: flipped(data, 0)),
    "flipped at the end": entry(lambda data: flipped(data, len(data) - 1)),
    "random": entry(lambda data: random.Random(4).randbytes(300_000)),
    "a text": lambda item: {**item, binary(item): {"S": "not an entry"}},
    "a number": lambda item: {**item, binary(item): {"N": "7"}},
    "a list": lambda item: {**item, binary(item): {"L": [{"B": b"x"}, {"M": {"B": {"B": b"y"}}}]}},
    "no entry": without(binary),
    "only an id": lambda item: {"id": item["id"]},
    "something of someone else": lambda item: {"id": item["id"], "value": {"S": "x"}, "leases": {"SS": ["a"]}},
}


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_item_is_a_miss(in_dynamodb, upstream, dynamodb, kept, how):
    (item,) = items(dynamodb)
    put(dynamodb, DAMAGED[how](item))
    is_asked_again(in_dynamodb, upstream, kept)
    assert caching.text(ask(in_dynamodb, kept)) == "new"


def test_an_item_of_another_request_is_a_miss(in_dynamodb, upstream, dynamodb, kept):
    (item,) = items(dynamodb)
    other = caching.chat()
    caching.answers_once(upstream, "the other")
    ask(in_dynamodb, other)
    assert caching.source(ask(in_dynamodb, other)) == "dynamodb"
    upstream.request()
    (target,) = [one for one in items(dynamodb) if one["id"] != item["id"]]
    put(dynamodb, {**item, "id": target["id"]})
    is_asked_again(in_dynamodb, upstream, other)


def store_big(proxy, upstream, dynamodb, body):
    """Let a response be stored as several items, and look it up: again, if moto was too slow for one of the calls."""
    deadline = time.monotonic() + programs.PATIENCE
    while True:
        settle(proxy)
        dynamodb.forget()
        caching.answers_once(upstream, BIG)
        ask(proxy, body, control="no-cache")
        response = ask(proxy, body, control="only-if-cached")
        if response.status != 504:
            break
        assert time.monotonic() < deadline, proxy.log
    assert caching.text(response) == BIG


@pytest.mark.parametrize("how", ["one is missing", "exchanged", "from another version"])
def test_items_that_do_not_belong_together_are_a_miss(in_dynamodb, upstream, dynamodb, how):
    body = caching.chat()
    store_big(in_dynamodb, upstream, dynamodb, body)
    before = sorted(items(dynamodb), key=lambda item: item["id"]["S"])
    assert len(before) > 2
    if how == "one is missing":
        delete(dynamodb, before[-1])
    elif how == "exchanged":
        for one, other in [(before[-1], before[-2]), (before[-2], before[-1])]:
            put(dynamodb, {**one, binary(one): other[binary(other)]})
    else:
        caching.answers_once(upstream, BIG[::-1])
        assert caching.text(ask(in_dynamodb, body, control="no-cache")) == BIG[::-1]
        put(dynamodb, before[1])
        now = {item["id"]["S"] for item in items(dynamodb)}
        if before[1]["id"]["S"] in now - {item["id"]["S"] for item in before}:
            pytest.fail("the items of two versions are mixed up by the test")
        response = ask(in_dynamodb, body, control="only-if-cached")
        # If each version has items of its own, the old one disturbs nobody.
        assert response.status == 504 or caching.text(response) == BIG[::-1]
        return
    upstream.forget()
    is_asked_again(in_dynamodb, upstream, body)


def test_an_entry_whose_time_is_over_is_a_miss_before_dynamodb_removes_it(upstream, dynamodb):
    body = caching.chat()
    caching.answers_once(upstream, "old")
    with caching.proxy(with_store(upstream, dynamodb, ttl=1), **dynamodb.variables) as proxy:
        ask(proxy, body)
        deadline = time.monotonic() + programs.PATIENCE
        while ask(proxy, body, control="only-if-cached").status == 200:
            assert time.monotonic() < deadline
        caching.answers_once(upstream, "new")
        assert caching.text(ask(proxy, body)) == "new"


def always(body, status=200, headers=()):
    return lambda exchange: exchange.answer(status, [("Content-Type", "application/x-amz-json-1.0"), *headers], body)


LIES = {
    "closes": odd_dynamodb.closing,
    "resets": lambda exchange: exchange.reset(),
    "is silent": odd_dynamodb.silent,
    "stops": odd_dynamodb.stopping,
    "never ends": odd_dynamodb.endless,
    "no JSON": always(b"<garbage>"),
    "a list": always(b"[]"),
    "a deep one": always(b'{"Item":' + b"[" * 100_000),
    "fails": always(b"{}", 500),
    "is throttled": always(json.dumps({"__type": "ProvisionedThroughputExceededException"}).encode(), 400),
}
# These aren't failures: the item is there, and isn't an entry.
NO_ENTRIES = {
    "no base64": always(b'{"Item":{"id":{"S":"cache#"},"entry":{"B":"***"},"expires":{"N":"9999999999"}}}'),
    "null": always(b'{"Item":null}'),
    "a text in place of an item": always(b'{"Item":"x"}'),
    "a strange number": always(b'{"Item":{"id":{"S":"cache#"},"entry":{"B":"AAAA"},"expires":{"N":"1e999"}}}'),
    "an empty response": always(b"{}"),
}


@pytest.mark.parametrize("lie", [*LIES, *NO_ENTRIES])
def test_whatever_dynamodb_does_the_provider_answers(upstream, dynamodb, lie):
    """If the proxy waited for it without a bound, the test would run into its timeout."""
    store = type(upstream)()
    store.always = {**LIES, **NO_ENTRIES}[lie]
    servers = with_store(upstream, dynamodb, "memory, dynamodb", store.origin)
    with caching.proxy(servers, **dynamodb.variables) as proxy:
        bodies = [caching.chat() for _ in range(3)]
        for number, body in enumerate(bodies):
            caching.answers_once(upstream, f"answer {number}")
            response = ask(proxy, body)
            assert (caching.text(response), caching.source(response)) == (f"answer {number}", "uri-miss")
        # The faster layer goes on.
        for number, body in enumerate(bodies):
            response = ask(proxy, body)
            assert (caching.text(response), caching.source(response)) == (f"answer {number}", "memory")
        if lie in LIES:
            log = proxy.log_where(lambda log: "cache" in "".join(records.others(log)), "cache")
            assert "ynamo" in "".join(records.others(log)), log
    store.close()


def test_a_missing_table_only_logs_how_to_create_it(upstream, dynamodb):
    with caching.proxy(with_store(upstream, dynamodb, name="elsewhere"), **dynamodb.variables) as proxy:
        caching.answers_once(upstream)
        assert caching.source(ask(proxy, caching.chat())) == "uri-miss"
        assert "create-table --table-name elsewhere" in proxy.log_with("create-table")


def test_a_role_that_may_not_use_the_table_only_logs(upstream, dynamodb):
    """The role may update items, as for limits, and nothing else."""
    with caching.proxy(with_store(upstream, dynamodb), **dynamodb.variables) as proxy, dynamodb.checking():
        body = caching.chat()
        for text in ("first", "second"):
            caching.answers_once(upstream, text)
            response = ask(proxy, body)
            assert (caching.text(response), caching.source(response)) == (text, "uri-miss")
        assert "the cache has failed" in proxy.log_with("DynamoDB answered 403")


@pytest.mark.parametrize("layer", ["tmp", "dynamodb"])
def test_of_two_that_write_at_once_one_wins_whole(upstream, dynamodb, tmp_path, layer):
    """Both processes ask for the same, get different answers at the same moment, and store them."""
    servers, variables = with_store(upstream, dynamodb, layer), {**dynamodb.variables, "TMPDIR": str(tmp_path)}
    texts = ["one" + BIG, "other" + BIG[::-1]]
    with caching.proxy(servers, **variables) as one, caching.proxy(servers, **variables) as other:
        for _ in range(3):
            body, both = caching.chat(), threading.Barrier(2, timeout=programs.PATIENCE)

            def script(text, both=both):
                return lambda exchange: (both.wait(), caching_answer(text)(exchange))

            upstream.script(*[script(text) for text in texts])
            threads = [threading.Thread(target=ask, args=(proxy, body)) for proxy in (one, other)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for proxy in (one, other):
                response = ask(proxy, body, control="only-if-cached")
                # Neither is possible, if the items of both were mixed up and the reader has seen it.
                assert response.status == 504 or caching.text(response) in texts


def caching_answer(text):
    return answers.plain(answers.completion(text))
