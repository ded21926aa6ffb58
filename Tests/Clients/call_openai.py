"""OpenAI's SDK, from 1.0 on."""

import openai
import question


def _client(url, key):
    return openai.OpenAI(base_url=url, api_key=key)


def _chat(client, **more):
    return client.chat.completions.create(**{"model": question.MODEL, "messages": question.MESSAGES, **more})


def plain(url, key):
    return _chat(_client(url, key)).choices[0].message.content


def stream(url, key):
    return [chunk.choices[0].delta.content for chunk in _chat(_client(url, key), stream=True) if chunk.choices]


def tool(url, key):
    call = _chat(_client(url, key), tools=[question.WEATHER]).choices[0].message.tool_calls[0]
    return call.function.name, call.function.arguments


def embedding(url, key):
    return _client(url, key).embeddings.create(model=question.EMBEDDING_MODEL, input="a").data[0].embedding


def models(url, key):
    return [model.id for model in _client(url, key).models.list()]


def alias(url, key):
    return _chat(_client(url, key), model="fast").choices[0].message.content


def model_with_slash(url, key):
    return _client(url, key).models.retrieve("org/name").id


def environment():
    return _chat(openai.OpenAI()).choices[0].message.content


if hasattr(openai.OpenAI, "responses"):

    def responses(url, key):
        return _client(url, key).responses.create(model=question.MODEL, input=question.QUESTION).output_text

    def responses_stream(url, key):
        events = _client(url, key).responses.create(model=question.MODEL, input=question.QUESTION, stream=True)
        return [event.delta for event in events if event.type == "response.output_text.delta"]
