"""How the proxy asks the store of its limits, and what it makes of one that fails."""

import asyncio
import json

import pytest
import records
import wire
from environments import CHAT, TABLE, answer, environments, hammer
from lambda_process import asynchronous, running
from many_upstreams import Upstream

STORES = {
    "closed": lambda request: request.connection.close(),
    "reset": lambda request: request.connection.reset(),
    "garbage": lambda request: request.send(wire.head("HTTP/1.1 200 OK", [("Content-Length", 9)]) + b"<garbage>"),
    "failing": lambda request: request.send(wire.head("HTTP/1.1 500 Oh", [("Content-Length", 2)]) + b"{}"),
    "silent": lambda request: None,
}


@pytest.mark.parametrize("how", STORES)
@pytest.mark.parametrize("policy, status", [("allow", 200), ("deny", 503)])
@asynchronous
async def test_a_store_that_fails_costs_a_bounded_time_and_the_log_says_so(dynamodb, how, policy, status):
    store = await Upstream.started(STORES[how])
    settings = f"on_store_error: {policy}"
    options = {"endpoint": store.origin, "settings": settings, "key": "rpm: 5, tpm: 100, max_parallel_requests: 1"}
    async with environments(dynamodb, 1, **options) as ([(api, process)], _):
        loop = asyncio.get_running_loop()
        began = loop.time()
        asked = [api.invoke(CHAT) for _ in range(5)]
        answers = [await invocation.answer for invocation in asked]
        assert {answer.status for answer in answers} == {status}
        assert loop.time() - began < 10
        record = await asyncio.to_thread(records.of_id, process, asked[0].id)
        assert record["store_failures"] == 1
        log = await asyncio.to_thread(process.log_with, "the store of the limits has failed")
        assert log.count("the store of the limits has failed") <= len(asked)
        if policy == "deny":
            assert {answer.code for answer in answers} == {"limits_unavailable"}
            assert record["error.type"] == "proxy_limits_unavailable"
    store.close()


@asynchronous
async def test_a_functions_role_that_may_do_no_more_than_update_is_enough(dynamodb):
    with dynamodb.checking():
        async with environments(dynamodb, 2, key="rpm: 9, max_parallel_requests: 5") as (processes, _):
            assert await hammer(processes, 4) == {200: 4}
            assert "store" not in processes[0][1].log + processes[1][1].log


@asynchronous
async def test_without_credentials_the_log_says_what_is_missing(dynamodb):
    variables = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    upstream = await Upstream.started(answer)
    table = TABLE.format(
        up=upstream.origin,
        region="eu-west-1",
        endpoint=dynamodb.endpoint,
        key="rpm: 1",
        server="timeout: 60",
        settings="",
    )
    async with running(table, **variables) as (api, process):
        assert (await api.ask(CHAT)).status == 200
        assert "AWS_ACCESS_KEY_ID" in await asyncio.to_thread(process.log_with, "the store of the limits has failed")
    upstream.close()


@asynchronous
async def test_without_limits_the_store_is_never_asked(dynamodb):
    store = await Upstream.started(STORES["failing"])
    async with environments(dynamodb, 1, endpoint=store.origin, key="metadata: {a: b}") as (processes, _):
        assert await hammer(processes, 3) == {200: 3}
    assert store.requests == 0
    store.close()


@asynchronous
async def test_one_round_trip_of_time_passes_before_the_provider_is_asked(dynamodb):
    """All that has to be counted is asked for at once: only when all questions are there does the store answer any."""
    waiting = []

    def hold(request):
        waiting.append(request)
        if len(waiting) == 4:
            for held in waiting:
                reply = json.dumps({"Attributes": {"requests": {"N": "1"}}}).encode()
                held.send(wire.head("HTTP/1.1 200 OK", [("Content-Length", len(reply))]) + reply)

    store = await Upstream.started(hold)
    key = "rpm: 5, requests_per_day: 9, max_parallel_requests: 3, server_limits: {server: {requests_per_month: 7}}"
    async with environments(dynamodb, 1, endpoint=store.origin, key=key) as ([(api, process)], upstream):
        asked = api.invoke(CHAT)
        await upstream.asked(1)
        assert store.requests == 4
        assert (await asked.answer).status == 200
    store.close()


@asynchronous
async def test_a_high_limit_is_asked_for_in_batches(dynamodb):
    taken = []

    def count(request):
        values = json.loads(request.body)["ExpressionAttributeValues"]
        taken.append(int(values[":requests"]["N"]))
        reply = json.dumps({"Attributes": {"requests": {"N": str(sum(taken))}}}).encode()
        request.send(wire.head("HTTP/1.1 200 OK", [("Content-Length", len(reply))]) + reply)

    store = await Upstream.started(count)
    async with environments(dynamodb, 1, endpoint=store.origin, key="requests_per_day: 100000") as (processes, _):
        assert await hammer(processes, 100) == {200: 100}
    assert 100 <= sum(taken) <= 200 and len(taken) <= 10 and max(taken) <= 50
    store.close()
