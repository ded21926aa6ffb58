"""Users in DynamoDB's table: limits over all environments of a function, and names that tell nothing."""

import asyncio
import collections
import json
import re

import calls
import issuer_tables
import pytest
from environments import COUNTED_ONLY, counted, environments, hammer, late_calls
from issuer_tables import backend, backend_token
from lambda_emulator import event
from lambda_process import asynchronous

PROCESSES = 8
NAME = re.compile(r"user/my-backend/([0-9a-f]{32})#month#.*")


def settings(*issuers, **more):
    """Lines for the settings of `environments.TABLE`: JSON on one line each."""
    every = {"token_issuers": issuers, "user_id_key": issuer_tables.USER_ID_KEY, **more}
    return "\n  ".join([COUNTED_ONLY, *[f"{name}: {json.dumps(value)}" for name, value in every.items()]])


def chat(*user, **claims):
    return event("POST", "/server/v1/chat/completions", calls.chat(), key=backend_token(*user, **claims))


def scopes(dynamodb):
    """The scopes that have counted, without their periods."""
    return {name.partition("#")[0] for name in dynamodb.items()}


@asynchronous
async def test_many_processes_never_exceed_a_users_limit(dynamodb):
    users = settings(backend(user_limits={"requests_per_month": 40}))
    async with environments(dynamodb, PROCESSES, settings=users) as (processes, upstream):
        limited, other = await asyncio.gather(
            hammer(processes, 12 * PROCESSES, chat("busy")), hammer(processes, 4 * PROCESSES, chat("quiet"))
        )
        assert upstream.requests == limited[200] + other[200]
    late = late_calls(processes)
    assert 40 - late <= limited[200] <= 40 and set(limited) == {200, 429}
    assert other == {200: 4 * PROCESSES}
    sums = {name: counted(dynamodb, name, "month")["requests"] for name in scopes(dynamodb)}
    assert len(sums) == 2
    (most, least) = sorted(sums.values(), reverse=True)
    assert limited[200] <= most <= 40 and 32 <= least <= 32 + late


@asynchronous
async def test_many_processes_never_exceed_the_limit_of_all_users(dynamodb):
    users = settings(backend(requests_per_month=30, user_limits={"requests_per_month": 1000}))
    async with environments(dynamodb, PROCESSES, settings=users) as (processes, upstream):
        users = [hammer(processes, PROCESSES, chat(f"user-{number}")) for number in range(6)]
        statuses = sum(await asyncio.gather(*users), start=collections.Counter())
        assert (await hammer(processes, 8))[200] == 8
        assert upstream.requests == statuses[200] + 8
    late = late_calls(processes)
    assert 30 - late <= statuses[200] <= 30
    assert counted(dynamodb, "issuer/my-backend", "month")["requests"] <= 30


@asynchronous
async def test_tokens_and_costs_of_a_user_are_added_up(dynamodb):
    limits = {"tokens_per_month": 1500, "max_budget": 1000, "budget_duration": "month"}
    async with environments(dynamodb, 4, settings=settings(backend(user_limits=limits))) as (processes, _):
        statuses = await hammer(processes, 32, chat("busy"))
        other = await hammer(processes, 4, chat("quiet"))
        for api, _ in processes:
            await api.polled()
    late = late_calls(processes)
    assert 15 - late <= statuses[200] <= 15 + 4 - 1 and other == {200: 4}
    sums = [counted(dynamodb, name, "month") for name in scopes(dynamodb)]
    tokens = sorted(one["tokens"] for one in sums)
    assert abs(tokens[1] - 100 * statuses[200]) <= 100 * late and abs(tokens[0] - 400) <= 100 * late


@asynchronous
async def test_open_requests_of_a_user_count_in_other_processes(dynamodb):
    waiting = []
    users = settings(backend(user_limits={"max_parallel_requests": 1}))
    async with environments(dynamodb, 2, waiting.append, settings=users) as ([(first, _), (second, _)], upstream):
        opened = first.invoke(chat("one"))
        await upstream.asked(1)
        assert (await second.ask(chat("one"))).code == "rate_limit_exceeded"
        other = second.invoke(chat("another"))
        await upstream.asked(2)
        for request in waiting:
            request.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        assert [(await opened.answer).status, (await other.answer).status] == [200, 200]


@asynchronous
async def test_the_counters_have_no_id_of_a_user(dynamodb):
    limits = {"requests_per_month": 100, "server_limits": {"server": {"requests_per_month": 50}}}
    users = settings(backend(user_limits=limits, **limits))
    names = ["somebody@example.com", "a/b#c", "é", "a" * 256]
    async with environments(dynamodb, 2, settings=users) as (processes, _):
        for name in names:
            assert (await hammer(processes, 2, chat(name, email="secret@example.com")))[200] == 2
    # Only the last parts of the names are unknown.
    shapes = {re.sub("[0-9a-f]{32}", "HASH", name) for name in scopes(dynamodb)}
    assert shapes == {
        "user/my-backend/HASH", "user-at/server/my-backend/HASH", "issuer/my-backend", "issuer-at/server/my-backend",
    }  # fmt: skip
    assert len(scopes(dynamodb)) == 2 * len(names) + 2
    written = json.dumps(dynamodb.items(), ensure_ascii=False)
    assert not [text for text in (*names, "secret@", "%40", "somebody") if text in written]


@asynchronous
async def test_the_counters_may_have_the_ids_if_the_owner_wants_to_see_them(dynamodb):
    users = settings(backend(user_limits={"requests_per_month": 100}, log_users=True))
    names = {
        "somebody@example.com": "somebody%40example.com", "a/b#c": "a%2Fb%23c", "é": "%C3%A9", "a b%20": "a%20b%2520",
        "..": "..", "auth0|5f": "auth0%7C5f",
    }  # fmt: skip
    async with environments(dynamodb, 1, settings=users) as (processes, _):
        for name in names:
            assert (await hammer(processes, 1, chat(name)))[200] == 1
    assert scopes(dynamodb) == {f"user/my-backend/{name}" for name in names.values()}


@pytest.mark.parametrize(
    "key, is_same", [(issuer_tables.USER_ID_KEY, True), ("another key, as long as the first one", False)]
)
@asynchronous
async def test_the_hash_of_a_user_is_the_same_in_all_processes_with_the_same_key(dynamodb, key, is_same):
    for user_id_key in (issuer_tables.USER_ID_KEY, key):
        users = settings(backend(user_limits={"requests_per_month": 100}), user_id_key=user_id_key)
        async with environments(dynamodb, 2, settings=users) as (processes, _):
            assert (await hammer(processes, 4, chat("somebody")))[200] == 4
    hashes = {NAME.fullmatch(name)[1] for name in dynamodb.items()}
    assert len(hashes) == (1 if is_same else 2)


@asynchronous
async def test_a_user_sees_what_was_used_in_other_processes(dynamodb):
    users = settings(backend(user_limits={"requests_per_month": 100, "tokens_per_month": 5000}))
    me = event("GET", issuer_tables.ME, key=backend_token("somebody"))
    async with environments(dynamodb, 2, settings=users) as ([first, second], _):
        assert (await hammer([first], 3, chat("somebody")))[200] == 3
        await first[0].polled()
        told = json.loads((await second[0].ask(me)).body)
        assert {limit["limit"]: limit["used"] for limit in told["limits"]} == {
            "requests_per_month": 3, "tokens_per_month": 300,
        }  # fmt: skip
