"""LiteLLM as a library."""

import litellm
import question


def _ask(url, key, **more):
    model = f"openai/{question.MODEL}"
    return litellm.completion(model=model, api_base=url, api_key=key, messages=question.MESSAGES, **more)


def plain(url, key):
    return _ask(url, key).choices[0].message.content


def stream(url, key):
    return [chunk.choices[0].delta.content for chunk in _ask(url, key, stream=True)]


def tool(url, key):
    call = _ask(url, key, tools=[question.WEATHER]).choices[0].message.tool_calls[0].function
    return call.name, call.arguments


def embedding(url, key):
    model = f"openai/{question.EMBEDDING_MODEL}"
    return litellm.embedding(model=model, api_base=url, api_key=key, input=["a"]).data[0]["embedding"]


def environment():
    return _ask(None, None).choices[0].message.content
