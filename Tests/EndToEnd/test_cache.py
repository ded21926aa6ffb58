"""A hit is what the first caller got, byte for byte, and costs nothing."""

import asyncio
import json

import answers
import bedrock_answers as says
import cache_answers
import caching
import calls
import embedding_models
import openai
import programs
import pytest
import records
import sdks
from bedrock_servers import CLAUDE
from caching import ask

TITAN = "amazon.titan-embed-text-v2:0"
TABLE = """
cached:
  {{url: "{up}/v1", token: "${{UPSTREAM_TOKEN}}", model: table-model, num_retries: 0, cache: true,
    input_cost_per_token: 0.001, output_cost_per_token: 0.002}}
limited: {{url: "{up}/v1", num_retries: 0, cache: true, requests_per_month: 1}}
off:     {{url: "{up}/v1", num_retries: 0}}
paced:   {{url: "{up}/v1", num_retries: 0, cache: {{replay_pace: original}}}}
bedrock: {{provider: bedrock, url: "{bedrock}", region: us-east-1, num_retries: 0, cache: true}}
settings:
  models: {{short: cached/long}}
  virtual_keys:
    - {{name: tests, key: "${{TEST_KEY}}"}}
    - {{name: thrifty, key: a-key-with-few-tokens, tokens_per_month: 4}}
    - {{name: poor, key: a-key-with-little-money, max_budget: 0.006, budget_duration: month}}
    - {{name: rare, key: a-key-for-three-requests, requests_per_month: 3}}
"""


@pytest.fixture(scope="module")
def proxy(start, session_upstream, session_bedrock):
    table = TABLE.format(up=session_upstream.origin, bedrock=session_bedrock.origin)
    return start(table, **session_bedrock.account.variables)


def twice(proxy, upstream, path, body):
    """Ask twice; the second response is a hit, and the upstream has seen one request."""
    first, second = ask(proxy, body, path), ask(proxy, body, path)
    assert (first.status, caching.source(first)) == (200, "uri-miss"), first.body
    assert caching.source(second) == "memory"
    upstream.request()
    assert upstream.saw_nothing
    return first, second


@pytest.mark.parametrize("case", cache_answers.CASES)
def test_a_hit_is_the_first_response_byte_for_byte(proxy, upstream, case):
    path, asked, script = cache_answers.CASES[case]
    upstream.script(script)
    first, second = twice(proxy, upstream, f"/cached/v1/{path}", {"model": "bytes", **asked})
    assert second.body == first.body and len(first.body) > 10
    assert caching.content_fields(second) == caching.content_fields(first)
    assert second.header("x-proxy-attempts") == "0"
    assert second.header("x-proxy-request-id") != first.header("x-proxy-request-id")
    if case == "chat stream":
        assert first.body == b"".join(cache_answers.EVENTS)
        assert second.header("content-type") == answers.SSE[0][1] and second.header("openai-version") == "2020-10-01"


def test_a_hit_at_the_original_pace_is_the_same(proxy, upstream):
    upstream.script(answers.pieces(cache_answers.EVENTS))
    body = caching.chat(stream=True, stream_options={"include_usage": True})
    first, second = twice(proxy, upstream, "/paced/v1/chat/completions", body)
    assert second.body == first.body == b"".join(cache_answers.EVENTS)


CHAT = {
    "messages": calls.MESSAGES,
    "tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}],
}
THROUGH_SDKS = {
    "chat": (lambda sdk: sdk.chat.completions.create(model="sdk", **CHAT), "chat"),
    "chat stream": (
        lambda sdk: sdk.chat.completions.create(
            model="sdk", **CHAT, stream=True, stream_options={"include_usage": True}
        ),
        "chat stream",
    ),
    "embeddings": (lambda sdk: sdk.embeddings.create(model="sdk", input="Hi"), "embeddings"),
    "responses": (lambda sdk: sdk.responses.create(model="sdk", input="Hi"), "responses"),
    "responses stream": (
        lambda sdk: sdk.responses.create(model="sdk", input="Hi", stream=True),
        "responses stream",
    ),
}


@pytest.fixture
def seen(proxy):
    """What OpenAI's SDK makes of a response, in a list of what came."""

    def seen(kind, create):
        if kind is openai.OpenAI:
            with sdks.client(kind, proxy.origin, "cached") as sdk:
                got = create(sdk)
                return [part.model_dump() for part in (got if isinstance(got, openai.Stream) else [got])]

        async def collect():
            async with sdks.client(kind, proxy.origin, "cached") as sdk:
                got = await create(sdk)
                if isinstance(got, openai.AsyncStream):
                    return [part.model_dump() async for part in got]
                return [got.model_dump()]

        return asyncio.run(collect())

    return seen


@pytest.mark.parametrize("case", THROUGH_SDKS)
def test_openais_sdks_see_the_same_twice(upstream, seen, case):
    create, answer = THROUGH_SDKS[case]
    upstream.script(cache_answers.CASES[answer][2])
    first = seen(openai.OpenAI, create)
    for kind in (openai.OpenAI, openai.AsyncOpenAI):
        assert seen(kind, create) == first
    upstream.request()
    assert upstream.saw_nothing
    if case == "chat stream":
        deltas = [chunk["choices"][0]["delta"] for chunk in first if chunk["choices"]]
        reasoned = "".join(delta.get("reasoning_content") or "" for delta in deltas)
        assert reasoned == "Let me think about Zürich. 日本語 😀"
        arguments = [call["function"]["arguments"] for delta in deltas for call in delta["tool_calls"] or []]
        assert "".join(arguments) == '{"city": "Zürich"}{}'
        assert first[-1]["usage"]["total_tokens"] == 18
        assert first[-1]["usage"]["prompt_tokens_details"]["cached_tokens"] == 4


BLOCKS = [says.thought("Let me think."), says.text("Grüezi 😀"), says.tool("t1", "weather", {"city": "Zürich"})]
ON_BEDROCK = {
    "chat": ("chat/completions", {"model": CLAUDE, "messages": calls.MESSAGES}, says.message(*BLOCKS)),
    "stream": (
        "chat/completions",
        {
            "model": CLAUDE,
            "messages": calls.MESSAGES,
            "stream": True,
            "stream_options": {"include_usage": True},
        },
        says.message(*BLOCKS),
    ),
    "embeddings": ("embeddings", {"model": TITAN, "input": "Hi"}, embedding_models.answer),
}


@pytest.mark.parametrize("case", ON_BEDROCK)
def test_a_hit_is_what_bedrocks_model_said_first(proxy, bedrock, case):
    path, body, script = ON_BEDROCK[case]
    bedrock.script(script)
    first, second = twice(proxy, bedrock, f"/bedrock/v1/{path}", body)
    assert second.body == first.body and caching.content_fields(second) == caching.content_fields(first)
    if case == "stream":
        assert "Grüezi" in "".join(
            choice["delta"].get("content") or ""
            for line in second.body.decode().splitlines()
            if line.startswith("data: {")
            for choice in json.loads(line[6:])["choices"]
        )
        assert b'"usage":{' in second.body.replace(b" ", b"") and b"reasoning_content" in second.body


def test_the_shared_address_and_a_servers_path_have_the_same_entries(proxy, upstream):
    messages = caching.question()
    caching.answers_once(upstream, "Here")
    first = ask(proxy, {"model": "cached/long", "messages": messages}, "/v1/chat/completions")
    assert caching.source(first) == "uri-miss"
    for path, model in [
        ("/cached/v1/chat/completions", "long"),
        ("/v1/chat/completions", "short"),
        ("/v1/chat/completions", "cached/long"),
    ]:
        hit = ask(proxy, {"model": model, "messages": messages}, path)
        assert (caching.source(hit), caching.text(hit), hit.header("x-proxy-server")) == ("memory", "Here", "cached")


def test_a_server_without_a_cache_says_nothing_of_one(proxy, upstream):
    body = caching.chat()
    for text in ("first", "second"):
        caching.answers_once(upstream, text)
        response = ask(proxy, body, "/off/v1/chat/completions", control="max-age=60")
        assert caching.text(response) == text
        assert not {"cache-status", "x-cache", "age"} & response.header_names
        assert not [name for name in records.of(proxy, response) if name.startswith("cache")]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_the_record_says_what_a_hit_has_saved(proxy, upstream, stream):
    body = caching.chat(stream=stream)
    events = [*cache_answers.EVENTS[:-2], cache_answers.event(cache_answers.TOOLS[-1]), answers.event("[DONE]")]
    upstream.script(answers.pieces(events) if stream else answers.plain(cache_answers.COMPLETION))
    first, second = (records.of(proxy, ask(proxy, body)) for _ in range(2))
    assert first["cache"] == "miss" and "cache.layer" not in first and "cache_saved_tokens" not in first
    assert (first["gen_ai.usage.input_tokens"], first["gen_ai.usage.output_tokens"]) == (11, 7)
    assert second["cache"] == "hit" and second["cache.layer"] == "memory" and 0 <= second["cache.age"] < 3600
    assert second["cache_saved_tokens"] == 18 and second["cache_saved_cost"] == pytest.approx(0.025)
    assert not second.get("attempts") and second["server"] == "cached" and second["http.response.status_code"] == 200
    for counted in ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "cost"):
        assert not second.get(counted), second
    assert (first["cache_lookups"], second["cache_lookups"], second["cache_hits"]) == (1, 1, 1)
    assert not first.get("cache_hits")


def test_a_bypass_is_in_the_record_and_is_no_lookup(proxy, upstream):
    caching.answers_once(upstream)
    record = records.of(proxy, ask(proxy, caching.chat(), control="no-store"))
    assert record["cache"] == "bypass" and not record.get("cache_lookups") and not record.get("cache_hits")


@pytest.mark.parametrize("key", ["a-key-with-few-tokens", "a-key-with-little-money"])
def test_hits_use_up_no_tokens_and_no_money(proxy, upstream, key):
    body = caching.chat()
    caching.answers_once(upstream)
    sources = [caching.source(ask(proxy, body, key=key)) for _ in range(6)]
    assert sources == ["uri-miss"] + 5 * ["memory"]
    caching.answers_once(upstream)
    assert caching.source(ask(proxy, caching.chat(), key=key)) == "uri-miss"
    # The second response has used up the limit, which comes before the cache.
    for again in (body, caching.chat()):
        assert ask(proxy, again, key=key).status == 429


def test_hits_count_as_requests_of_the_key(proxy, upstream):
    body = caching.chat()
    caching.answers_once(upstream)
    responses = [ask(proxy, body, key="a-key-for-three-requests") for _ in range(4)]
    assert [response.status for response in responses] == [200, 200, 200, 429]
    assert [caching.source(response) for response in responses[:3]] == ["uri-miss", "memory", "memory"]


def test_hits_do_not_count_as_requests_of_the_server(proxy, upstream):
    body, path = caching.chat(), "/limited/v1/chat/completions"
    caching.answers_once(upstream)
    sources = [caching.source(ask(proxy, body, path)) for _ in range(4)]
    assert sources == ["uri-miss"] + 3 * ["memory"]
    assert ask(proxy, caching.chat(), path).status == 429
    assert caching.source(ask(proxy, body, path)) == "memory"


def test_azures_client_gets_a_hit(proxy, upstream):
    azure = openai.AzureOpenAI(
        azure_endpoint=proxy.origin, api_version="2024-10-21", api_key=calls.KEY, max_retries=0,
        timeout=programs.PATIENCE,
    )  # fmt: skip
    caching.answers_once(upstream, "Azure")
    messages = caching.question()
    got = [azure.chat.completions.create(model="cached/m", messages=messages).model_dump() for _ in range(2)]
    assert got[0] == got[1] and got[0]["choices"][0]["message"]["content"] == "Azure"
    upstream.request()
    assert upstream.saw_nothing
