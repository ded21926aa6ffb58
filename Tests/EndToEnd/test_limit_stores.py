"""How the proxy calls the limit store, and what it does if the store fails."""

import asyncio
import json

import calls
import pytest
import records
import wire
from environments import CHAT, TABLE, answer, environments, hammer
from lambda_emulator import event
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
async def test_a_failing_store_delays_requests_for_a_bounded_time_and_is_logged(dynamodb, how, policy, status):
    """The silent store never answers, so a request that waited for it would run into the test's timeout."""
    store = await Upstream.started(STORES[how])
    settings = f"on_store_error: {policy}"
    options = {"endpoint": store.origin, "settings": settings, "key": "rpm: 5, tpm: 100, max_parallel_requests: 1"}
    async with environments(dynamodb, 1, **options) as ([(api, process)], _):
        asked = [api.invoke(CHAT) for _ in range(5)]
        answers = [await invocation.answer for invocation in asked]
        assert {answer.status for answer in answers} == {status}
        record = await asyncio.to_thread(records.of_id, process, asked[0].id)
        assert record["store_failures"] == 1
        log = await asyncio.to_thread(process.log_with, "the store of the limits has failed")
        assert log.count("the store of the limits has failed") <= len(asked)
        if policy == "deny":
            assert {answer.code for answer in answers} == {"limits_unavailable"}
            assert record["error.type"] == "proxy_limits_unavailable"
    store.close()


@asynchronous
async def test_a_role_that_may_only_update_items_is_enough(dynamodb):
    with dynamodb.checking():
        async with environments(dynamodb, 2, key="rpm: 9, max_parallel_requests: 5") as (processes, _):
            assert await hammer(processes, 4) == {200: 4}
            assert "store" not in processes[0][1].log + processes[1][1].log


@asynchronous
async def test_the_log_says_which_credentials_are_missing(dynamodb):
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
async def test_without_limits_the_store_is_never_called(dynamodb):
    store = await Upstream.started(STORES["failing"])
    async with environments(dynamodb, 1, endpoint=store.origin, key="metadata: {a: b}") as (processes, _):
        assert await hammer(processes, 3) == {200: 3}
    assert store.requests == 0
    store.close()


@asynchronous
async def test_the_checks_before_a_request_take_one_round_trip(dynamodb):
    """All counters are asked for at once: the store answers none of the calls before all of them have arrived."""
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
async def test_requests_of_a_high_limit_are_taken_in_batches(dynamodb):
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


def reply(request, answer, status="200 OK"):
    text = json.dumps(answer).encode()
    request.send(wire.head(f"HTTP/1.1 {status}", [("Content-Length", len(text))]) + text)


def update(request):
    """The contents of an update: its item, and the numbers that it adds."""
    body = json.loads(request.body)
    values = {name: int(value["N"]) for name, value in body["ExpressionAttributeValues"].items() if "N" in value}
    return body["Key"]["id"]["S"], values


LIMITS_OF_KEYS = [
    "tpm: 1000", "requests_per_day: 1000", "max_budget: 5", "max_parallel_requests: 9",
    "server_limits: {first: {tpm: 1000}}",
]  # fmt: skip


@pytest.mark.parametrize("limits", LIMITS_OF_KEYS)
@asynchronous
async def test_a_request_that_cannot_be_counted_reaches_no_fallback(dynamodb, limits):
    """It is known that the first server is used up, but not what the key has used; nothing may pass uncounted."""

    def count(request):
        name, _ = update(request)
        if name.startswith("server/first#"):
            refusal = {"__type": "ConditionalCheckFailedException", "Item": {"requests": {"N": "1"}}}
            reply(request, refusal, "400 Bad Request")
        else:
            reply(request, {}, "500 Oh")

    store = await Upstream.started(count)
    upstream = await Upstream.started(answer)
    table = (
        f'first: {{url: "{upstream.origin}/v1", rpm: 1, fallbacks: [second], input_cost_per_token: 0.001, '
        "output_cost_per_token: 0.001}\n"
        f'second: {{url: "{upstream.origin}/v1"}}\n'
        "settings: {on_store_error: deny, "
        f'store: {{dynamodb: {{table: limits, region: eu-west-1, endpoint: "{store.origin}"}}}}, '
        f'virtual_keys: [{{name: web, key: "${{TEST_KEY}}", {limits}}}]}}'
    )
    chat = event("POST", "/first/v1/chat/completions", calls.chat())
    async with running(table, **dynamodb.variables) as (api, process):
        for _ in range(4):
            refused = await api.ask(chat)
            assert (refused.status, refused.code) == (503, "limits_unavailable")
        assert upstream.requests == 0
        assert "requests are refused" in await asyncio.to_thread(process.log_with, "the store of the limits has failed")
    store.close()
    upstream.close()


@asynchronous
async def test_usage_that_could_not_be_added_is_logged_and_added_with_the_next_request(dynamodb):
    added = []
    failures = 2

    def count(request):
        name, values = update(request)
        if ":tokens" in values:
            added.append((name.rpartition("#")[0], values[":tokens"]))
            if len(added) <= failures:
                return reply(request, {}, "500 Oh")
        return reply(request, {"Attributes": {"requests": {"N": "1"}}})

    store = await Upstream.started(count)
    async with environments(dynamodb, 1, endpoint=store.origin, key="tokens_per_day: 1000") as ([(api, process)], _):
        for _ in range(3):
            asked = api.invoke(CHAT)
            assert (await asked.answer).status == 200
            await api.polled()
        # The first request's usage could be added neither at its end nor before the second.
        assert added[:4] == [("key/web#day", tokens) for tokens in (100, 100, 200, 100)]
        log = await asyncio.to_thread(process.log_with, "isn't counted yet")
        (line,) = [json.loads(line) for line in log.splitlines() if "isn't counted yet" in line]
        assert (line["level"], line["key"], line["request_id"]) == ("WARN", "web", "request-1")
        assert (line["store_failures"], line["owed_tokens"], line["owed_cost"]) == (1, 100, 0.1)
        metrics = line["_aws"]["CloudWatchMetrics"][0]
        assert metrics["Metrics"] == [{"Name": "store_failures", "Unit": "Count"}]
        assert metrics["Dimensions"] == [["function"]] and line["function"] == "local"
        assert "store_failures" not in records.of_id(process, "request-1")
        # The second passed uncounted, as its record says.
        assert records.of_id(process, "request-2")["store_failures"] == 1
        assert "store_failures" not in records.of_id(process, "request-3")
    store.close()


@asynchronous
async def test_a_request_is_given_back_only_once_even_without_an_answer(dynamodb):
    added = []

    def count(request):
        _, values = update(request)
        added.append(values[":requests"])
        if added[-1] < 0:
            request.connection.close()
        else:
            reply(request, {"Attributes": {"requests": {"N": "1"}}})

    def refuse(request):
        request.send(wire.head("HTTP/1.1 404 Not Found", [("Content-Length", 0)]))

    store = await Upstream.started(count)
    async with environments(dynamodb, 1, refuse, endpoint=store.origin, key="requests_per_day: 9") as ([(api, _)], _):
        assert (await api.ask(CHAT)).status == 404
        await api.polled()
        assert added == [1, -1]
    store.close()
