"""any-llm."""

import any_llm
import question


def _asked(url, key):
    return {"provider": "openai", "api_base": url, "api_key": key}


def _ask(url, key, **more):
    return any_llm.completion(model=question.MODEL, messages=question.MESSAGES, **_asked(url, key), **more)


def plain(url, key):
    return _ask(url, key).choices[0].message.content


def stream(url, key):
    return [chunk.choices[0].delta.content for chunk in _ask(url, key, stream=True) if chunk.choices]


def tool(url, key):
    call = _ask(url, key, tools=[question.WEATHER]).choices[0].message.tool_calls[0].function
    return call.name, call.arguments


def embedding(url, key):
    return any_llm.embedding(question.EMBEDDING_MODEL, "a", **_asked(url, key)).data[0].embedding


def models(url, key):
    return [model.id for model in any_llm.list_models(**_asked(url, key))]


def environment():
    return _ask(None, None).choices[0].message.content
