"""LangChain's package for LiteLLM."""

import question
from langchain_litellm import ChatLiteLLM


def _model(url, key):
    return ChatLiteLLM(model=f"openai/{question.MODEL}", api_base=url, api_key=key)


def plain(url, key):
    return _model(url, key).invoke(question.QUESTION).content


def stream(url, key):
    return [chunk.content for chunk in _model(url, key).stream(question.QUESTION)]


def tool(url, key):
    call = _model(url, key).bind_tools([question.WEATHER]).invoke(question.QUESTION).tool_calls[0]
    return call["name"], call["args"]
