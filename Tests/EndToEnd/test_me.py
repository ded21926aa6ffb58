"""What a caller is told about itself."""

import datetime
import re
import time

import answers
import caching
import calls
import issuer_tables
import pytest
import records
import tables
from issuer_tables import CHAT, ME, backend, backend_token, me

PRICES = {"input_cost_per_token": 0.5, "output_cost_per_token": 0.25}
# What a chat completion of the scripted upstream costs: one token in, two out.
COST = 0.5 + 2 * 0.25
LIMITS = {"rpm": 100, "tokens_per_day": 50, "max_budget": 7.5, "max_parallel_requests": 3}
ISSUERS = [
    backend(
        requests_per_month=1000, user_limits={**LIMITS, "server_limits": {"other": {"requests_per_day": 9}}},
        allowed_servers=["server", "other"], allowed_models=["m"],
        plans=[{"name": "pro", "match": {"plan": "pro"}, "rpm": 500}],
    ),
    backend("shown", log_users=True),
]  # fmt: skip
KEYS = [
    {"name": "Tests", "id": "tests", "key": calls.KEY, "requests_per_day": 20},
    {"name": "free", "key": "a-key-without-limits"},
]
STORES = ["memory", "dynamodb"]
LIMIT = {"scope", "limit", "amount", "used", "remaining"}


@pytest.fixture(params=STORES)
def proxy(request, dynamodb, answering):
    """A new proxy, so that nothing has been used."""
    settings, variables = {}, {}
    if request.param == "dynamodb":
        place = {"table": "limits", "region": dynamodb.region, "endpoint": dynamodb.endpoint}
        settings, variables = {"store": {"dynamodb": place}}, dynamodb.variables
    others = {name: {"url": f"{answering.origin}/v1", "num_retries": 0} for name in ("other", "third")}
    settings |= {"virtual_keys": KEYS, "models": {"quick": "server/m"}}
    table = issuer_tables.table(answering, *ISSUERS, server=PRICES, servers=others, **settings)
    with caching.proxy(table, **variables) as proxy:
        yield proxy


def caller(proxy, key):
    response = me(proxy, key)
    assert response.status == 200, response.body
    assert response.header("content-type") == "application/json"
    # It belongs to one caller.
    assert re.search("no-store|private", response.header("cache-control"))
    assert response.json["object"] == "caller"
    return response.json


def limits(told):
    """The limits by scope, name and server, after all checks that hold for each of them."""
    found = {}
    for limit in told["limits"]:
        assert LIMIT <= set(limit) <= LIMIT | {"server", "resets_at"}
        assert limit["used"] + limit["remaining"] == pytest.approx(limit["amount"]) or limit["remaining"] == 0
        if limit["limit"] != "max_parallel_requests":
            end = datetime.datetime.fromisoformat(limit["resets_at"].replace("Z", "+00:00")).timestamp()
            assert limit["resets_at"].endswith("Z") and time.time() - 60 < end < time.time() + 32 * 86_400
        name = (limit["scope"], limit["limit"], limit.get("server"))
        assert name not in found
        found[name] = limit
    return found


def test_a_user_is_told_who_it_is_and_what_it_may_use(proxy):
    exp = int(time.time()) + 500
    told = caller(proxy, backend_token(exp=exp, plan="pro"))
    assert (told["type"], told["issuer"], told["plan"]) == ("user", "my-backend", "pro")
    assert datetime.datetime.fromisoformat(told["expires_at"].replace("Z", "+00:00")).timestamp() == exp
    assert sorted(told["servers"]) == ["other", "server"]
    assert "key" not in told
    amounts = {name: limit["amount"] for name, limit in limits(told).items()}
    assert amounts == {
        ("user", "rpm", None): 500, ("user", "tokens_per_day", None): 50, ("user", "max_budget", None): 7.5,
        ("user", "max_parallel_requests", None): 3, ("user", "requests_per_day", "other"): 9,
    }  # fmt: skip
    assert all(limit["used"] == 0 for limit in told["limits"])
    assert caller(proxy, backend_token())["user"] == told["user"]
    assert caller(proxy, backend_token("another"))["user"] != told["user"]


def test_a_user_sees_what_is_left(proxy):
    token, other = backend_token(), backend_token("another")
    for count in range(1, 4):
        assert issuer_tables.chat(proxy, token).status == 200
        told = limits(caller(proxy, token))
        used = {name[1]: limit["used"] for name, limit in told.items() if name[2] is None}
        # A minute may have ended.
        assert used.pop("rpm") in range(0, count + 1)
        assert used == {
            "tokens_per_day": 3 * count, "max_budget": pytest.approx(COST * count), "max_parallel_requests": 0,
        }  # fmt: skip
        assert told["user", "tokens_per_day", None]["remaining"] == 50 - 3 * count
        assert told["user", "max_budget", None]["remaining"] == pytest.approx(7.5 - COST * count)
        assert told["user", "requests_per_day", "other"]["used"] == 0
    theirs = limits(caller(proxy, other))
    assert theirs["user", "tokens_per_day", None]["used"] == 0
    assert issuer_tables.chat(proxy, other, path=CHAT.replace("server", "other", 1)).status == 200
    theirs = limits(caller(proxy, other))
    assert theirs["user", "requests_per_day", "other"] | {"resets_at": ""} == {
        "scope": "user", "server": "other", "limit": "requests_per_day", "amount": 9, "used": 1, "remaining": 8,
        "resets_at": "",
    }  # fmt: skip


def test_a_user_is_not_told_what_all_users_have_used(proxy):
    """How much all users together use is the owner's business."""
    token = backend_token()
    assert issuer_tables.chat(proxy, token).status == 200
    response = me(proxy, token)
    assert {limit["scope"] for limit in response.json["limits"]} == {"user"}
    assert b"requests_per_month" not in response.body


def test_to_ask_uses_up_nothing(proxy):
    token = backend_token()
    for _ in range(10):
        told = caller(proxy, token)
    assert [limit["used"] for limit in told["limits"]] == [0] * len(told["limits"])


def test_more_than_everything_leaves_nothing(proxy, upstream):
    usage = {"prompt_tokens": 100, "completion_tokens": 0, "total_tokens": 100}
    upstream.always = answers.plain({**answers.completion(), "usage": usage})
    assert issuer_tables.chat(proxy, backend_token()).status == 200
    assert issuer_tables.chat(proxy, backend_token()).status == 429
    told = limits(caller(proxy, backend_token()))
    assert told["user", "tokens_per_day", None] | {"resets_at": ""} == {
        "scope": "user", "limit": "tokens_per_day", "amount": 50, "used": 100, "remaining": 0, "resets_at": "",
    }  # fmt: skip


def test_a_key_and_an_owner_are_told_too(proxy):
    assert issuer_tables.chat(proxy, calls.KEY).status == 200
    told = caller(proxy, calls.KEY)
    assert (told["type"], told["key"]) == ("key", "tests") and not {"user", "issuer", "plan"} & set(told)
    assert limits(told)["key", "requests_per_day", None]["used"] == 1
    assert set(told["servers"]) == {"server", "other", "third"} and "quick" in told["models"]
    assert caller(proxy, "a-key-without-limits")["limits"] == []
    owner = caller(proxy, tables.UPSTREAM_TOKEN)
    assert (owner["type"], owner["servers"], owner["limits"]) == ("owner", ["server"], [])
    assert calls.KEY not in str(told) and tables.UPSTREAM_TOKEN not in str(owner)


def test_the_models_are_those_of_the_list(proxy):
    for key in (backend_token(), backend_token(issuer="shown"), calls.KEY, tables.UPSTREAM_TOKEN):
        listed = calls.call(proxy.origin, "GET", "/v1/models", key=key).json["data"]
        assert caller(proxy, key)["models"] == [model["id"] for model in listed]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_can_only_be_read(proxy, method):
    response = me(proxy, backend_token(), method)
    assert (response.status, response.error["code"]) == (405, "method_not_allowed")
    assert response.header("allow") == "GET"
    assert me(proxy, backend_token(), "HEAD").status == 405


def test_nobody_is_told_nothing(proxy, answering):
    answering.forget()
    for key in (None, "a wrong key", backend_token(secret="w" * 40), backend_token(exp=1)):
        response = calls.call(proxy.origin, "GET", ME, key=key)
        assert response.status == 401 and b"server" not in response.body
        assert calls.call(proxy.origin, "POST", ME, key=key).status == 401
    assert answering.saw_nothing


def test_the_record_of_it_names_the_user_as_others_do(proxy):
    token = backend_token("somebody")
    asked, chatted = records.of(proxy, me(proxy, token)), records.of(proxy, issuer_tables.chat(proxy, token))
    assert asked["key"] == chatted["key"] == "my-backend" and asked["user.hash"] == chatted["user.hash"]
    assert "somebody" not in str(asked) + str(chatted)


@pytest.mark.parametrize("key", [None, "a wrong key"])
def test_anybody_is_told_where_no_key_is_needed(answering, key):
    with caching.proxy(issuer_tables.table(answering, *ISSUERS[1:], allow_anonymous=True)) as proxy:
        told = caller(proxy, key)
        assert (told["type"], told["limits"], told["servers"]) == ("anonymous", [], ["server"])
        assert caller(proxy, backend_token(issuer="shown"))["type"] == "user"
