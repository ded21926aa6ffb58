"""Responses that are not streamed, and the endpoints that are open by default."""

import asyncio

import answers
import calls
import pytest

EMBEDDING = {"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}
EMBEDDINGS = {"object": "list", "data": [EMBEDDING], "model": "e", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
MODEL = {"id": "org/model:1", "object": "model", "created": 1, "owned_by": "o"}
OUTPUT = {"type": "output_text", "text": "Hello", "annotations": []}
MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [OUTPUT]}
RESPONSE = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "output": [MESSAGE], "tools": []}


def test_a_completion_reaches_the_sdk(upstream, sdk):
    upstream.script(answers.plain(answers.completion("Grüezi 👋")))
    completion = sdk().chat.completions.create(model="m", messages=calls.MESSAGES)
    assert completion.choices[0].message.content == "Grüezi 👋"
    assert completion.usage.total_tokens == 3


def test_a_completion_reaches_the_asynchronous_sdk(upstream, async_sdk):
    upstream.script(answers.plain(answers.completion("Hello")))

    async def ask():
        async with async_sdk() as client:
            return await client.chat.completions.create(model="m", messages=calls.MESSAGES)

    assert asyncio.run(ask()).choices[0].message.content == "Hello"


def test_tool_calls_arrive_intact(upstream, sdk):
    function = {"name": "weather", "arguments": '{"city": "Zürich \\u00e9"}'}
    tool_call = {"id": "call_1", "type": "function", "function": function}
    upstream.script(answers.plain(answers.completion(None, tool_calls=[tool_call])))
    message = sdk().chat.completions.create(model="m", messages=calls.MESSAGES).choices[0].message
    assert message.tool_calls[0].function.arguments == function["arguments"]


def test_a_prompt_of_more_than_32k_tokens_arrives_complete(upstream, sdk):
    prompt = "".join(f"word{number} ünïcödé " for number in range(40_000))
    upstream.script(answers.stream("Long."))
    messages = [{"role": "user", "content": prompt}]
    chunks = list(sdk().chat.completions.create(model="m", messages=messages, stream=True))
    assert chunks[0].choices[0].delta.content == "Long."
    assert upstream.request().json["messages"] == messages


def test_embeddings(upstream, sdk):
    upstream.script(answers.plain(EMBEDDINGS))
    result = sdk().embeddings.create(model="e", input="text", encoding_format="float")
    assert result.data[0].embedding == [0.5, -0.25]
    assert upstream.request().target == "/v1/embeddings"


def test_a_list_of_models(upstream, sdk):
    upstream.script(answers.plain({"object": "list", "data": [MODEL]}))
    assert [model.id for model in sdk().models.list()] == ["org/model:1"]
    request = upstream.request()
    assert (request.method, request.target, request.body) == ("GET", "/v1/models", b"")


def test_one_model_whose_name_has_a_colon(upstream, sdk):
    upstream.script(answers.plain({**MODEL, "id": "model:1"}))
    assert sdk().models.retrieve("model:1").id == "model:1"
    assert upstream.request().target.replace("%3A", ":") == "/v1/models/model:1"


def test_the_responses_endpoint(upstream, sdk):
    upstream.script(answers.plain(RESPONSE))
    assert sdk().responses.create(model="m", input="Hi").output_text == "Hello"
    assert upstream.request().target == "/v1/responses"


def test_a_streamed_response_of_the_responses_endpoint(upstream, sdk):
    delta = {"type": "response.output_text.delta", "delta": "Hel", "item_id": "i", "output_index": 0}
    event = {**delta, "content_index": 0, "sequence_number": 1, "logprobs": []}
    named = b"event: response.output_text.delta\n" + answers.event(event)
    completed = {"type": "response.completed", "response": RESPONSE, "sequence_number": 2}
    upstream.script(answers.pieces([named, b"event: response.completed\n" + answers.event(completed)]))
    first, last = sdk().responses.create(model="m", input="Hi", stream=True)
    assert first.delta == "Hel"
    assert last.response.output_text == "Hello"


def test_completions_and_moderations(upstream, call):
    for endpoint in ("completions", "moderations"):
        upstream.script(answers.plain({"id": endpoint}))
        response = call("POST", f"/scripted/v1/{endpoint}", {"model": "m", "input": "Hi"})
        assert (response.status, response.json) == (200, {"id": endpoint})
        assert upstream.request().target == f"/v1/{endpoint}"


@pytest.mark.parametrize("query", ["a=1&b=%20c", "api-version=2024-10-21", "x=%F0%9F%91%8B&y=a+b"])
def test_the_query_arrives_unchanged(upstream, call, query):
    upstream.script(answers.plain({}))
    call("GET", f"/scripted/v1/models?{query}")
    assert upstream.request().target == f"/v1/models?{query}"


@pytest.mark.parametrize(
    "body",
    [b'{"b":1, "a":[ 1e400 , "\\ud83d"],\n"id":1.0}', b"plain words", bytes(range(256)), b"[]"],
    ids=["json that a parser would change", "text", "binary", "short"],
)
def test_a_response_passes_byte_for_byte(upstream, call, body):
    upstream.script(answers.raw(200, [("Content-Type", "application/octet-stream")], body))
    assert call("POST", "/scripted/v1/chat/completions", calls.chat()).body == body


def test_an_empty_response_gets_one_byte_so_that_a_function_url_ends_it(upstream, call):
    upstream.script(answers.raw(200, [], b""))
    response = call("DELETE", "/speech/v1/files/x")
    assert response.status == 200
    assert response.body.strip() == b""
    assert response.body != b""


def test_a_model_alias_of_the_table_is_replaced(upstream, call):
    upstream.script(answers.plain({}))
    call("POST", "/aliased/v1/chat/completions", b"{}")
    request = upstream.request()
    assert request.header("authorization") == "Bearer alias-token"
    assert request.json == {"model": "alias-model"}
