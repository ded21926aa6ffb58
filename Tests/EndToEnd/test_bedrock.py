"""Chats with models on Bedrock: OpenAI's SDK asks, and the scripted Bedrock answers what AWS would."""

import json
import os
import threading

import bedrock_answers as says
import calls
import openai_requests
import pytest
import random_requests
import records
from bedrock_servers import CLAUDE, CLAUDE_46, GPT_OSS, NOVA, PROFILE
from openai_requests import ASK, BOTH, PIXEL, STRICT, TIME, WEATHER, follows, shows

both = pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
WORDS = 'Grüße, 日本語, 😀, "quotes" and \\ and \n lines.'


def ask(sdk, stream=False, **request):
    """Ask, plain or with a stream that the SDK puts together; return the completion."""
    request = {"model": CLAUDE, "messages": [ASK], **request}
    if not stream:
        return sdk.chat.completions.create(**request)
    with sdk.chat.completions.stream(**request, stream_options={"include_usage": True}) as events:
        return events.get_final_completion()


@both
def test_a_model_answers(bedrock, bedrock_sdk, stream):
    bedrock.script(says.message(says.text(WORDS)))
    got = ask(bedrock_sdk(), stream, messages=[openai_requests.says("system", "Be brief."), ASK], max_tokens=100)
    assert (got.choices[0].message.content, got.choices[0].finish_reason) == (WORDS, "stop")
    assert got.choices[0].message.role == "assistant" and not got.choices[0].message.tool_calls
    assert got.id.startswith("chatcmpl-") and got.created > 0 and got.model == CLAUDE
    assert (got.usage.prompt_tokens, got.usage.completion_tokens, got.usage.total_tokens) == (11, 7, 18)
    request = bedrock.request()
    operation = "converse-stream" if stream else "converse"
    assert request.target == f"/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/{operation}"
    assert request.json == {
        "system": [{"text": "Be brief."}], "messages": [{"role": "user", "content": [{"text": ASK["content"]}]}],
        "inferenceConfig": {"maxTokens": 100},
    }  # fmt: skip
    assert calls.KEY not in str(request.headers)


@both
@pytest.mark.parametrize("model", [NOVA, PROFILE])
def test_the_caller_names_a_model_or_an_arn(bedrock, bedrock_sdk, model, stream):
    bedrock.script(says.message(says.text("Hi")))
    assert ask(bedrock_sdk(), stream, model=model).model == model


def test_a_caller_without_a_model_gets_the_one_of_the_table(bedrock, bedrock_proxy):
    bedrock.script(says.message(says.text("Hi")))
    body = {"messages": [ASK]}
    assert calls.call(bedrock_proxy.origin, "POST", "/bedrock/v1/chat/completions", body).json["model"] == CLAUDE


def test_a_stream_arrives_event_by_event(bedrock, bedrock_sdk):
    go_on = threading.Event()
    first, *rest = says.events(says.text("Hello, world"))
    hello = b"".join([first, rest[0]])
    bedrock.script(says.stepwise((None, hello), (go_on, b"".join(rest[1:]))))
    stream = bedrock_sdk().chat.completions.create(model=CLAUDE, messages=[ASK], stream=True)
    chunks = [next(stream), next(stream)]
    go_on.set()
    chunks += stream
    assert [chunk.choices[0].delta.content or "" for chunk in chunks[:2]] == ["", "Hello"]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello, world"
    assert len({chunk.id for chunk in chunks}) == 1 and not any(chunk.usage for chunk in chunks)


STOPS = {
    "end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter", "content_filtered": "content_filter", "something_new": "stop",
}  # fmt: skip


@both
@pytest.mark.parametrize("stop", STOPS)
def test_why_a_model_has_stopped(bedrock, bedrock_proxy, stop, stream):
    bedrock.script(says.message(says.text("Hi"), stop=stop))
    body = calls.chat(model=CLAUDE, stream=stream)
    response = calls.call(bedrock_proxy.origin, "POST", "/bedrock/v1/chat/completions", body)
    assert f'"finish_reason":"{STOPS[stop]}"'.encode() in response.body


@both
def test_a_conversation_with_parallel_tools(bedrock, bedrock_sdk, stream):
    used = [says.tool("t1", "weather", {"city": "Zürich"}), says.tool("t2", "time", {})]
    bedrock.script(says.message(says.text("I look."), *used), says.message(says.text("Sunny at noon.")))
    first = ask(bedrock_sdk(), stream, tools=[WEATHER, TIME]).choices[0]
    assert (first.message.content, first.finish_reason) == ("I look.", "tool_calls")
    called = [(call.id, call.function.name, json.loads(call.function.arguments)) for call in first.message.tool_calls]
    assert called == [("t1", "weather", {"city": "Zürich"}), ("t2", "time", {})]
    said = first.message.model_dump(exclude_none=True)
    last = ask(bedrock_sdk(), stream, tools=[WEATHER, TIME], messages=[ASK, said, *BOTH[2:]])
    assert last.choices[0].message.content == "Sunny at noon."
    bedrock.request()
    assert bedrock.request().json["messages"][1:] == [
        {"role": "assistant", "content": [says.text("I look."), *used]},
        {"role": "user", "content": [
            {"toolResult": {"toolUseId": "t1", "content": [{"text": "Sunny"}]}},
            {"toolResult": {"toolUseId": "t2", "content": [{"text": "Noon"}]}},
        ]},
    ]  # fmt: skip


def test_calls_of_a_stream_are_numbered_from_0_though_the_first_block_is_a_thought(bedrock, bedrock_sdk):
    used = says.tool("t1", "weather", {"city": "a"}), says.tool("t2", "time", {})
    bedrock.script(says.message(says.thought("Hm."), *used))
    chunks = bedrock_sdk().chat.completions.create(model=CLAUDE, messages=[ASK], tools=[WEATHER, TIME], stream=True)
    parts = [part for chunk in chunks for part in chunk.choices[0].delta.tool_calls or []]
    assert [(part.index, part.id) for part in parts if part.id] == [(0, "t1"), (1, "t2")]
    arguments = ["".join(part.function.arguments for part in parts if part.index == index) for index in (0, 1)]
    assert list(map(json.loads, arguments)) == [{"city": "a"}, {}]


def test_a_tool_that_must_be_used(bedrock, bedrock_sdk):
    bedrock.script(says.message(says.tool("t1", "time", {})))
    ask(bedrock_sdk(), tools=[WEATHER, TIME], tool_choice={"type": "function", "function": {"name": "time"}})
    assert bedrock.request().json["toolConfig"]["toolChoice"] == {"tool": {"name": "time"}}


@pytest.mark.parametrize("label, format", [("gif", "gif"), ("png", "png"), ("jpg", "jpeg"), ("webp", "webp")])
def test_an_image_is_sent_as_it_is(bedrock, bedrock_sdk, label, format):
    bedrock.script(says.message(says.text("A pixel.")))
    ask(bedrock_sdk(), messages=[shows(f"data:image/{label};base64,{PIXEL}")])
    (message,) = bedrock.request().json["messages"]
    assert {"image": {"format": format, "source": {"bytes": PIXEL}}} in message["content"]


@both
def test_a_native_schema(bedrock, bedrock_sdk, stream):
    bedrock.script(says.message(says.text('{"city": "Zürich"}')))
    got = ask(bedrock_sdk(), stream, model=CLAUDE_46, response_format=follows(STRICT, strict=True))
    assert json.loads(got.choices[0].message.content) == {"city": "Zürich"}
    sent = bedrock.request().json["outputConfig"]["textFormat"]
    assert (sent["type"], json.loads(sent["structure"]["jsonSchema"]["schema"])) == ("json_schema", STRICT)


@both
def test_a_schema_as_a_tool_that_must_be_used(bedrock, bedrock_sdk, stream):
    """The caller sees neither the tool nor that there is one."""
    bedrock.script(lambda exchange: says.message(_answer_as_tool(exchange))(exchange))
    got = ask(bedrock_sdk(), stream, model=NOVA, response_format=follows(STRICT, strict=True)).choices[0]
    assert json.loads(got.message.content) == {"city": "Zürich"}
    assert not got.message.tool_calls and got.finish_reason == "stop"
    (sent,) = bedrock.request().json["toolConfig"]["tools"]
    assert sent["toolSpec"]["inputSchema"] == {"json": STRICT}


def _answer_as_tool(exchange):
    """Call the tool that must be used."""
    choice = exchange.request.json["toolConfig"]["toolChoice"]["tool"]["name"]
    return says.tool("t1", choice, {"city": "Zürich"})


@both
def test_a_thought_and_its_signature_survive_the_call_of_a_tool(bedrock, bedrock_sdk, stream):
    """The message goes back as the SDK has put it together."""
    thought, used = says.thought("Let me look: é."), says.tool("t1", "weather", {"city": "Zürich"})
    bedrock.script(says.message(thought, used), says.message(says.thought("Aha."), says.text("Sunny.")))
    options = {"tools": [WEATHER], "reasoning_effort": "low", "max_tokens": 5000}
    first = ask(bedrock_sdk(), stream, **options).choices[0].message
    assert first.reasoning_content == "Let me look: é."
    said = first.model_dump(exclude_none=True)
    messages = [ASK, said, openai_requests.result("t1")]
    assert ask(bedrock_sdk(), stream, messages=messages, **options).choices[0].message.content == "Sunny."
    asked, answered = bedrock.request().json, bedrock.request().json
    assert asked["additionalModelRequestFields"]["thinking"]["type"] == "enabled"
    assert answered["messages"][1]["content"] == [thought, used]


@both
def test_a_redacted_thought_survives_too(bedrock, bedrock_sdk, stream):
    thought, used = {"reasoningContent": {"redactedContent": "c2VjcmV0"}}, says.tool("t1", "weather", {})
    bedrock.script(says.message(thought, used), says.message(says.text("Sunny.")))
    options = {"tools": [WEATHER], "reasoning_effort": "low", "max_tokens": 5000}
    first = ask(bedrock_sdk(), stream, **options).choices[0].message
    ask(bedrock_sdk(), messages=[ASK, first.model_dump(exclude_none=True), openai_requests.result("t1")], **options)
    bedrock.request()
    assert bedrock.request().json["messages"][1]["content"] == [thought, used]


def test_an_effort_of_an_open_model(bedrock, bedrock_sdk):
    bedrock.script(says.message(says.text("Hi")))
    ask(bedrock_sdk(), model=GPT_OSS, reasoning_effort="low")
    assert bedrock.request().json["additionalModelRequestFields"] == {"reasoning_effort": "low"}


def test_the_models_are_those_of_the_table(bedrock, bedrock_sdk):
    assert [model.id for model in bedrock_sdk().models.list()] == [CLAUDE]
    assert bedrock.saw_nothing


CACHED = {"inputTokens": 10, "outputTokens": 4, "totalTokens": 44}
CACHED |= {"cacheReadInputTokens": 20, "cacheWriteInputTokens": 10}


@both
@pytest.mark.parametrize(
    "usage, tokens",
    [(says.USAGE, (11, None, 7)), (CACHED, (40, 20, 4)), ({**CACHED, "inputTokens": 40}, (40, 20, 4))],
    ids=["plain", "input without the cache", "input with the cache"],
)
def test_usage_is_recorded_and_priced(bedrock, bedrock_proxy, usage, tokens, stream):
    bedrock.script(says.message(says.text("Hi"), usage=usage))
    body = calls.chat(model=CLAUDE, stream=stream)
    response = calls.call(bedrock_proxy.origin, "POST", "/priced/v1/chat/completions", body)
    record = records.of(bedrock_proxy, response)
    names = ["input_tokens", "cache_read.input_tokens", "output_tokens"]
    assert tuple(record.get(f"gen_ai.usage.{name}") for name in names) == tokens
    assert record["server"] == "priced" and record["gen_ai.request.model"] == CLAUDE and record["cost"] > 0
    assert "estimated" not in record and "error.type" not in record
    assert stream is (b'"usage":{' not in response.body), "a caller that didn't ask for a stream's usage doesn't get it"


@both
def test_a_limit_counts_bedrocks_tokens(bedrock, start, stream):
    table = """
    bedrock: {provider: bedrock, url: "UP", region: us-east-1, num_retries: 0}
    settings: {virtual_keys: [{name: tests, key: "${TEST_KEY}", tokens_per_month: 20}]}
    """.replace("UP", bedrock.origin)
    program = start(table, **bedrock.account.variables)
    bedrock.script(*[says.message(says.text("Hi"))] * 2)
    body = calls.chat(model=CLAUDE, stream=stream)
    statuses = [calls.call(program.origin, "POST", "/bedrock/v1/chat/completions", body).status for _ in range(3)]
    assert statuses == [200, 200, 429]


REFUSED = {
    "n": {"n": 2},
    "logprobs": {"logprobs": True},
    "logit_bias": {"logit_bias": {"1": 1}},
    "frequency_penalty": {"frequency_penalty": 0.5},
    "functions": {"functions": [{"name": "a"}]},
    "messages.0.content.1": {"messages": [shows("https://example.com/a.png")]},
    "messages": {"messages": []},
}


@both
@pytest.mark.parametrize("param", REFUSED)
def test_what_bedrock_has_not_got_is_refused_without_asking_it(bedrock, bedrock_proxy, param, stream):
    body = calls.chat(**{"model": CLAUDE, "stream": stream, **REFUSED[param]})
    response = calls.call(bedrock_proxy.origin, "POST", "/bedrock/v1/chat/completions", body)
    assert (response.status, response.error["type"]) == (400, "invalid_request_error")
    assert response.error["param"].startswith(param) and response.error["code"]
    assert bedrock.saw_nothing


ROUNDS = int(os.environ.get("FUZZ_ROUNDS", 100))


@pytest.mark.timeout(600 + ROUNDS)
def test_bedrock_takes_whatever_is_sent_to_it(bedrock, bedrock_proxy):
    """The scripted Bedrock refuses what breaks its rules, and a caller gets either an answer or a place in `param`."""
    bedrock.always = says.message(says.text("Hi"))
    taken = 0
    for seed in range(ROUNDS):
        body = random_requests.Requests(seed).request()
        response = calls.call(bedrock_proxy.origin, "POST", "/bedrock/v1/chat/completions", body)
        assert not bedrock.refusals, (seed, bedrock.refusals)
        assert response.status == 200 or response.error["param"] and response.status == 400, (seed, response.body)
        taken += response.status == 200
    assert taken > ROUNDS / 2


@pytest.mark.parametrize("path", ["responses", "completions", "audio/speech", "files"])
def test_another_endpoint_is_not_open(bedrock, bedrock_proxy, path):
    response = calls.call(bedrock_proxy.origin, "POST", f"/bedrock/v1/{path}", calls.chat())
    assert (response.status, response.error["code"]) == (404, "endpoint_not_open")
    assert bedrock.saw_nothing
