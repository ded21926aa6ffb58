"""OpenAI's SDK before 1.0."""

import openai
import question


def _ask(url, key, **more):
    return openai.ChatCompletion.create(
        api_base=url, api_key=key, model=question.MODEL, messages=question.MESSAGES, **more
    )


def plain(url, key):
    return _ask(url, key).choices[0].message.content


def stream(url, key):
    return [chunk.choices[0].delta.get("content") for chunk in _ask(url, key, stream=True)]


def tool(url, key):
    call = _ask(url, key, tools=[question.WEATHER]).choices[0].message.tool_calls[0].function
    return call.name, call.arguments


def embedding(url, key):
    asked = {"model": question.EMBEDDING_MODEL, "input": "a", "encoding_format": "float"}  # base64 needs numpy.
    return openai.Embedding.create(api_base=url, api_key=key, **asked).data[0].embedding


def models(url, key):
    return [model.id for model in openai.Model.list(api_base=url, api_key=key).data]


def environment():
    return _ask(None, None).choices[0].message.content
