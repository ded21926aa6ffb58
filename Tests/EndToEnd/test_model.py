"""A small real model behind the proxy, as in `make run`."""

import asyncio

import calls

ASK = {"model": "smollm2", "messages": [{"role": "user", "content": "Tell me a joke."}], "max_tokens": 12}
ASK |= {"temperature": 0, "seed": 1}


def test_tokens_of_a_real_model_arrive_one_by_one(sdk):
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(sdk("local").chat.completions.create(**ASK, **options))
    tokens = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert len(tokens) >= 10
    assert chunks[-1].usage.completion_tokens == 12


def test_a_real_model_answers_without_streaming(sdk):
    completion = sdk("local").chat.completions.create(**ASK)
    assert completion.choices[0].message.content
    assert completion.choices[0].finish_reason == "length"


def test_several_streams_of_a_real_model_arrive_in_parallel(async_sdk):
    async def ask(client):
        stream = await client.chat.completions.create(**ASK, stream=True)
        return "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])

    async def all_of_them():
        async with async_sdk("local") as client:
            return await asyncio.gather(*[ask(client) for _ in range(4)])

    assert all(asyncio.run(all_of_them()))


def test_the_model_is_in_the_list(sdk):
    assert [model.id for model in sdk("local").models.list()] == ["smollm2"]


def test_an_error_of_the_real_server_reaches_the_caller(call):
    response = call("POST", "/local/v1/chat/completions", {"messages": "no list"})
    assert response.status in (400, 500)
    assert response.json["error"]["message"]
    assert calls.KEY not in response.body.decode()
