"""Limits that apply to all environments of a function together: real processes, and DynamoDB's API over a socket."""

import asyncio
import collections
import json
import time

import calls
import pytest
import records
import wire
from environments import CHAT, COUNTED_ONLY, PROCESSES, answer, counted, environments, hammer, late_calls
from lambda_emulator import event
from lambda_process import asynchronous, running
from many_upstreams import Upstream


# Limits of a month, so that in all but one of a hundred thousand runs no period ends while requests are counted.
@pytest.mark.parametrize("limit, requests", [(20, 80), (400, 640)])
@asynchronous
async def test_many_processes_never_exceed_a_limit(dynamodb, limit, requests):
    limits = {"key": f"requests_per_month: {limit}", "settings": COUNTED_ONLY}
    async with environments(dynamodb, PROCESSES, **limits) as (processes, upstream):
        statuses = await hammer(processes, requests)
        assert upstream.requests == statuses[200] and set(statuses) == {200, 429}
    # Each process may have prefetched permits left over (at most a hundredth of 400), and loses those of a late call.
    ahead = limit // 100
    left = PROCESSES * ahead + late_calls(processes) * max(1, ahead)
    assert limit - left <= statuses[200] <= limit
    assert counted(dynamodb, "key/web", "month")["requests"] <= limit + PROCESSES * ahead


@asynchronous
async def test_tokens_and_costs_of_all_processes_are_added_up(dynamodb):
    limits = {
        "key": "tokens_per_month: 3000, max_budget: 1000, budget_duration: month",
        "server": "tpm: 1000000",
        "settings": COUNTED_ONLY,
    }
    async with environments(dynamodb, PROCESSES, **limits) as (processes, _):
        statuses = await hammer(processes, 64)
        for api, _ in processes:
            await api.polled()
    late = late_calls(processes)
    # A request is let in while the limit isn't reached: only requests that are open then can exceed it. The usage of a
    # late call is added again by the same process, before its next request is let in.
    assert 30 - late <= statuses[200] <= 30 + PROCESSES - 1
    month, minute = counted(dynamodb, "key/web", "month"), counted(dynamodb, "server/server", "minute")
    for requests in (month["tokens"] / 100, month["cost"] / 100_000_000, minute["tokens"] / 100):
        assert abs(requests - statuses[200]) <= late


@asynchronous
async def test_open_requests_of_other_processes_count(dynamodb):
    waiting = []
    async with environments(dynamodb, 3, waiting.append, key="max_parallel_requests: 2") as (processes, upstream):
        first, second, third = [api for api, _ in processes]
        opened = [first.invoke(CHAT), second.invoke(CHAT)]
        await upstream.asked(2)
        refused = await third.ask(CHAT)
        assert (refused.status, refused.code) == (429, "rate_limit_exceeded")
        for request in waiting:
            answer(request)
        for invocation in opened:
            assert (await invocation.answer).status == 200
        await first.polled()
        await second.polled()
        opened = third.invoke(CHAT)
        await upstream.asked(3)
        answer(waiting[2])
        assert (await opened.answer).status == 200


@asynchronous
async def test_the_leases_of_a_killed_process_expire_with_its_invocations(dynamodb):
    now = int(time.time())
    dynamodb.put(id="key/web#open", leases=[f"{now - 300}:gone", f"{now - 120}:gone-too"])
    async with environments(dynamodb, 1, key="max_parallel_requests: 2") as (processes, _):
        assert await hammer(processes, 5) == {200: 5}


@asynchronous
async def test_a_key_over_its_limit_takes_nothing_from_a_shared_limit(dynamodb):
    """After the first refusal, what was taken together with it is given back, and nothing more is taken."""
    asked = collections.Counter()

    def count(request):
        values = json.loads(request.body)
        name = values["Key"]["id"]["S"]
        asked[name.rpartition("#")[0]] += 1
        reply = json.dumps({"Attributes": {"requests": {"N": "1"}}}).encode()
        status = "200 OK"
        if "key/web#month" in name:
            reply = json.dumps({"__type": "ConditionalCheckFailedException", "Item": {"requests": {"N": "5"}}}).encode()
            status = "400 Bad Request"
        request.send(wire.head(f"HTTP/1.1 {status}", [("Content-Length", len(reply))]) + reply)

    store = await Upstream.started(count)
    limits = {"key": "requests_per_month: 5, requests_per_day: 60", "server": "requests_per_day: 9"}
    async with environments(dynamodb, 1, endpoint=store.origin, **limits) as (processes, upstream):
        assert await hammer(processes, 10) == {429: 10}
        assert asked == {"key/web#month": 1, "key/web#day": 2, "server/server#day": 2}
    assert upstream.requests == 0
    store.close()


@asynchronous
async def test_requests_taken_in_vain_are_given_back_to_other_processes(dynamodb):
    """Requests of a key over its limit block others only while they are open."""
    upstream = await Upstream.started(answer)
    table = (
        f'server: {{url: "{upstream.origin}/v1", requests_per_month: 3}}\n'
        'settings: {virtual_keys: [{name: web, key: "${TEST_KEY}", requests_per_month: 1}, {name: other, key: other}]}'
    )
    other = event("POST", "/server/v1/chat/completions", calls.chat(), key="other")
    async with running(table, slots=8) as (api, _):
        assert (await api.ask(CHAT)).status == 200
        refused = [api.invoke(CHAT) for _ in range(5)]
        asked = api.invoke(other)
        assert {(await invocation.answer).status for invocation in refused} == {429}
        statuses = [(await asked.answer).status]
        await api.polled(8)
        statuses += [(await api.ask(other)).status for _ in range(3)]
        assert statuses.count(200) == 2
    upstream.close()


@asynchronous
async def test_a_request_that_could_not_be_sent_uses_up_nothing(dynamodb):
    limits = {"key": "requests_per_month: 1", "server": "requests_per_month: 1"}
    async with environments(dynamodb, 1, **limits) as ([(api, _)], upstream):
        late = await api.ask(CHAT, seconds=0.5)
        assert (late.status, late.code, upstream.requests) == (504, "deadline_exceeded", 0)
        await api.polled()
        assert counted(dynamodb, "key/web", "month")["requests"] == 0
        assert counted(dynamodb, "server/server", "month")["requests"] == 0
        assert (await api.ask(CHAT)).status == 200


@pytest.mark.parametrize(
    "status, refusal",
    [("404 Not Found", b'{"error":{}}'), ("200 OK", b'{"error":{"message":"It does not exist.","code":404}}')],
)
@asynchronous
async def test_lists_and_refused_requests_do_not_count_for_the_month(dynamodb, status, refusal):
    listing = event("GET", "/server/v1/models")
    unknown = event("POST", "/server/v1/chat/completions", calls.chat(name="unknown"))

    def answer_or_refuse(request):
        if request.name != "unknown":
            return answer(request)
        fields = [("Content-Type", "application/json"), ("Content-Length", len(refusal))]
        return request.send(wire.head(f"HTTP/1.1 {status}", fields) + refusal)

    limits = {"key": "requests_per_month: 1, tokens_per_month: 100", "server": "requests_per_month: 1"}
    async with environments(dynamodb, 2, answer_or_refuse, **limits) as (processes, _):
        # Alternating: the other process may take what one gives back.
        for number in range(4):
            api, _ = processes[number % 2]
            assert (await api.ask(listing)).status == 200
            assert (await api.ask(unknown)).status == 404
            await api.polled()
        for scope in ("key/web", "server/server"):
            assert counted(dynamodb, scope, "month")["requests"] == 0
        assert await hammer(processes[:1], 3) == {200: 1, 429: 2}
        for api, _ in processes:
            assert (await api.ask(listing)).status == 200
        assert counted(dynamodb, "key/web", "month") == {"requests": 1, "tokens": 100, "cost": 100_000_000}


@asynchronous
async def test_an_early_response_has_the_rate_limit_headers(dynamodb):
    done = wire.head("HTTP/1.1 200 OK", [("Content-Type", "text/event-stream"), ("Content-Length", 14)])
    waiting = []
    upstream = await Upstream.started(waiting.append)
    table = (
        f'server: {{url: "{upstream.origin}/v1", keepalive_seconds: 0.05}}\n'
        'settings: {virtual_keys: [{name: web, key: "${TEST_KEY}", rpm: 5}]}'
    )
    async with running(table) as (api, _):
        invocation = api.invoke(event("POST", "/server/v1/chat/completions", calls.chat(stream=True)))
        await upstream.asked(1)
        await invocation.until(b": keepalive")
        waiting[0].send(done + b"data: [DONE]\n\n")
        early = await invocation.answer
        assert early.body.startswith(b": keepalive")
        assert early.prelude["headers"]["x-ratelimit-remaining-requests"] == "4"
    upstream.close()


@asynchronous
async def test_usage_written_by_the_caller_is_not_charged(dynamodb):
    """A response begins by repeating the request's tools; this one never ends."""
    planted = b'"tools":[{"parameters":{"usage":{"input_tokens":0,"output_tokens":0}}}]'
    begun = b'data: {"type":"response.created","response":{' + planted + b"}}\n\n"
    events = begun + b'data: {"type":"response.output_text.delta","delta":"hi"}\n\n' * 500
    head = wire.head("HTTP/1.1 200 OK", [("Content-Type", "text/event-stream"), ("Content-Length", len(events) + 1)])
    upstream = await Upstream.started(lambda request: request.send(head + events))
    table = (
        f'server: {{url: "{upstream.origin}/v1", stream_idle_timeout: 2}}\n'
        'settings: {virtual_keys: [{name: web, key: "${TEST_KEY}", tokens_per_month: 400}]}'
    )
    responses = event("POST", "/server/v1/responses", calls.chat(stream=True))
    async with running(table) as (api, process):
        broken = api.invoke(responses)
        assert (await broken.answer).code == "upstream_timeout"
        record = await asyncio.to_thread(records.of_id, process, broken.id)
        assert record["estimated"] and record["gen_ai.usage.output_tokens"] == 501
        assert (await api.ask(responses)).status == 429
    upstream.close()


@asynchronous
async def test_an_early_response_that_nobody_reads_is_charged_for_its_prompt(dynamodb):
    upstream = await Upstream.started(lambda request: None)
    table = (
        f'server: {{url: "{upstream.origin}/v1", keepalive_seconds: 0.05}}\n'
        'settings: {virtual_keys: [{name: web, key: "${TEST_KEY}", tokens_per_month: 10}]}'
    )
    early = event("POST", "/server/v1/chat/completions", calls.chat(stream=True))
    async with running(table) as (api, process):
        gone = api.invoke(early)
        await upstream.asked(1)
        await gone.begun
        gone.connection.transport.abort()
        record = await asyncio.to_thread(records.of_id, process, gone.id)
        assert (record["error.type"], record["attempts"]) == ("proxy_undelivered", 1)
        assert record["estimated"] and record["gen_ai.usage.input_tokens"] >= 10
        await api.polled()
        assert (await api.ask(early)).status == 429
    upstream.close()
