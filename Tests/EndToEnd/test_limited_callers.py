"""What limited callers may use besides tokens, and how their images are counted."""

import base64
import json
import random

import answers
import calls
import openai
import pytest
import records
import sdks
import wire
from lambda_emulator import event
from lambda_process import asynchronous, running
from many_upstreams import SSE, Upstream

ANSWER = wire.head("HTTP/1.1 200 OK", [("Content-Type", "application/json"), ("Content-Length", 2)]) + b"{}"
TABLE = """
server: {{url: "{url}/v1"}}
open: {{url: "{url}/v1", allowed_tools: [web_search*], allow_stored_data: true}}
settings: {{virtual_keys: [{{name: web, key: "${{TEST_KEY}}", tokens_per_day: 100000}}]}}
"""

BUDGET = """
server: {{url: "{url}/v1", input_cost_per_token: 0.001, output_cost_per_token: 0.001}}
settings: {{virtual_keys: [{{name: web, key: "${{TEST_KEY}}", max_budget: 5}}]}}
"""

ALIASED = """
aliased: {{url: "{up}/v1", model_aliases: {{fast: small, big: large}}, num_retries: 0}}
settings:
  virtual_keys:
    - {{name: web, key: "${{TEST_KEY}}", allowed_models: [fa*], tokens_per_month: 100, requests_per_month: 1}}
    - {{name: all, key: a-key-for-all-models}}
"""


def chat(server="server", **members):
    body = json.dumps({"model": "m", "messages": calls.MESSAGES, **members}).encode()
    return event("POST", f"/{server}/v1/chat/completions", body)


@asynchronous
async def test_hosted_tools_and_stored_data_are_closed_unless_the_owner_opens_them():
    upstream = await Upstream.started(lambda request: request.send(ANSWER))
    async with running(TABLE.format(url=upstream.origin)) as (api, _):
        for members, code in [
            ({"tools": [{"type": "web_search"}]}, "tool_not_allowed"),
            ({"features": {"web_search": True}}, "tool_not_allowed"),
            ({"model": "m:ONLINE:free"}, "tool_not_allowed"),
            ({"previous_response_id": "resp_1"}, "stored_data_not_allowed"),
            ({"files": ["file-1"]}, "stored_data_not_allowed"),
            ({"performanceConfig": {"latency": "optimized"}}, "tier_not_allowed"),
        ]:
            refused = await api.ask(chat(**members))
            assert (refused.status, refused.code) == (403, code)
            assert upstream.requests == 0
        assert (await api.ask(chat("open", tools=[{"type": "web_search"}]))).status == 200
        assert (await api.ask(chat("open", previous_response_id="resp_1"))).status == 200
        assert (await api.ask(chat(tools=[{"type": "function", "function": {"name": "f"}}]))).status == 200
        assert (await api.ask(chat("open", service_tier="priority"))).code == "tier_not_allowed"
    upstream.close()


@asynchronous
async def test_no_second_model_may_be_named_where_costs_are_limited():
    upstream = await Upstream.started(lambda request: request.send(ANSWER))
    async with running(BUDGET.format(url=upstream.origin)) as (api, _):
        for members in [{"models": ["x"]}, {"MODEL": "x"}, {"fallbacks": ["x"]}, {"model": "@preset/x"}]:
            refused = await api.ask(chat(**members))
            assert (refused.status, refused.code) == (403, "usage_unknown")
        assert upstream.requests == 0
    upstream.close()


@asynchronous
async def test_an_image_in_a_stream_that_breaks_off_does_not_use_up_the_day():
    def break_off(request):
        request.send(SSE + wire.chunk(b"data: {"))
        request.when_taken(request.connection.transport.close)

    upstream = await Upstream.started(break_off)
    pictures = [random.Random(1).randbytes(1_000_000), b"x" * 1_000_000, b"\xff\xd8\xff" * 300_000]
    async with running(TABLE.format(url=upstream.origin)) as (api, _):
        for picture in pictures:
            url = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
            part = {"type": "image_url", "image_url": {"url": url}}
            answer = await api.ask(chat(messages=[{"role": "user", "content": [part]}], stream=True))
            assert answer.status == 200
            await api.polled()
        assert upstream.requests == 3
    upstream.close()


def test_the_sdk_can_use_an_alias_like_any_model(upstream, start):
    proxy = start(ALIASED.format(up=upstream.origin))
    web, everybody = [
        sdks.client(openai.OpenAI, proxy.origin, "aliased", key) for key in (calls.KEY, "a-key-for-all-models")
    ]
    model = {"id": "small", "object": "model", "created": 1, "owned_by": "provider"}
    upstream.script(*[answers.plain({"object": "list", "data": [model]})] * 2)
    assert [model.id for model in web.models.list()] == ["fast"]
    assert [model.id for model in everybody.models.list()] == ["small", "big", "fast"]
    alias = web.models.retrieve("fast")
    assert (alias.id, alias.object, alias.owned_by) == ("fast", "model", "aliased")
    upstream.forget()
    upstream.script(answers.plain({"choices": []}))
    web.chat.completions.create(model="fast", messages=calls.MESSAGES)
    assert upstream.request().json["model"] == "small"
    for name, never in [("small", "'large'"), ("big", "large")]:
        with pytest.raises(openai.PermissionDeniedError) as refused:
            web.chat.completions.create(model=name, messages=calls.MESSAGES)
        assert f"'{name}'" in refused.value.message and never not in refused.value.message
    assert upstream.saw_nothing


def test_the_sdk_lists_aliases_whatever_the_shape_of_the_list(upstream, start):
    """Go writes null for an empty list, and some gateways add a byte order mark."""
    proxy = start(ALIASED.format(up=upstream.origin))
    web, everybody = [
        sdks.client(openai.OpenAI, proxy.origin, "aliased", key) for key in (calls.KEY, "a-key-for-all-models")
    ]
    empty = {"object": "list", "data": None}
    for listed in (answers.plain(empty), answers.plain(b"\xef\xbb\xbf" + json.dumps(empty).encode())):
        upstream.script(listed, listed)
        assert [model.id for model in web.models.list()] == ["fast"]
        assert [model.id for model in everybody.models.list()] == ["big", "fast"]
    upstream.script(answers.plain([{"id": "small"}]))
    listed = calls.call(proxy.origin, "GET", "/aliased/v1/models", key="a-key-for-all-models").json
    assert [model["id"] for model in listed] == ["small", "big", "fast"]


def test_the_sdk_reports_a_list_that_cannot_be_filtered(upstream, start):
    proxy = start(ALIASED.format(up=upstream.origin))
    upstream.script(answers.plain({"data": {}}))
    with pytest.raises(openai.InternalServerError) as told:
        sdks.client(openai.OpenAI, proxy.origin, "aliased").models.list()
    assert told.value.code == "upstream_not_json" and "isn't a list of models" in told.value.message
    # Longer than what is read.
    long = json.dumps({"data": [{"id": "small"}], "more": "x" * 9_000_000}).encode()
    upstream.script(answers.plain(long), answers.plain(long))
    refused = calls.call(proxy.origin, "GET", "/aliased/v1/models")
    assert (refused.status, refused.error["code"]) == (502, "upstream_not_json")
    assert "too long" in refused.error["message"]
    everybody = calls.call(proxy.origin, "GET", "/aliased/v1/models", key="a-key-for-all-models")
    assert (everybody.status, everybody.body == long) == (200, True)


@pytest.mark.parametrize("status", [400, 200])
def test_usage_in_an_error_is_charged(status, upstream, start):
    """Groq rejects its model's output if it isn't a tool call."""
    proxy = start(TABLE.format(url=upstream.origin))
    client = sdks.client(openai.OpenAI, proxy.origin, "server")
    failed = answers.error("Failed to call a function.", code="400")
    failed["error"]["failed_generation"] = "<tool>"
    used = {"prompt_tokens": 60_000, "completion_tokens": 40_000}
    upstream.script(answers.plain({**failed, "usage": used}, status))
    with pytest.raises(openai.BadRequestError) as told:
        client.chat.completions.create(model="m", messages=calls.MESSAGES)
    record = records.of_id(proxy, told.value.response.headers["x-proxy-request-id"])
    assert (record["gen_ai.usage.input_tokens"], record["gen_ai.usage.output_tokens"]) == (60_000, 40_000)
    assert "estimated" not in record
    with pytest.raises(openai.RateLimitError, match="tokens a day"):
        client.chat.completions.create(model="m", messages=calls.MESSAGES)


def test_a_client_whose_month_is_used_up_can_start_and_gets_its_error_at_once(upstream, start):
    """Clients list the models when they start. This one would sleep as long as `retry-after` says."""
    proxy = start(ALIASED.format(up=upstream.origin))
    client = sdks.client(openai.OpenAI, proxy.origin, "aliased", max_retries=2)
    listed = answers.plain({"object": "list", "data": []})
    unknown = answers.plain(answers.error("The model does not exist.", code="model_not_found"), 404)
    used = answers.plain({"choices": [], "usage": {"prompt_tokens": 60, "completion_tokens": 40}})
    upstream.script(listed, unknown, used, listed)
    client.models.list()
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="fast", messages=calls.MESSAGES)
    client.chat.completions.create(model="fast", messages=calls.MESSAGES)
    with pytest.raises(openai.RateLimitError) as refused:
        client.chat.completions.create(model="fast", messages=calls.MESSAGES)
    assert refused.value.code == "insufficient_quota" and " a month. Try again in " in refused.value.message
    headers = refused.value.response.headers
    assert headers["x-should-retry"] == "false" and headers["x-ratelimit-reset-requests"]
    assert not {"retry-after", "retry-after-ms"} & set(headers)
    assert [model.id for model in client.models.list()] == ["fast"]
