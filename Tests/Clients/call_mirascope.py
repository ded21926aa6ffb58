"""Mirascope."""

import question
from mirascope import llm


def _model(url, key):
    llm.register_provider("openai:completions", scope="openai/", base_url=url, api_key=key)
    return llm.model(f"openai/{question.MODEL}")


def plain(url, key):
    return _model(url, key).call(question.QUESTION).text()


def stream(url, key):
    return list(_model(url, key).stream(question.QUESTION).text_stream())


def tool(url, key):
    @llm.tool
    def get_weather(city: str) -> str:
        """The weather in a city."""

    call = _model(url, key).call(question.QUESTION, tools=[get_weather]).tool_calls[0]
    return call.name, call.args


def responses(url, key):
    llm.register_provider("openai", scope="openai/", base_url=url, api_key=key)
    return llm.model(f"openai/{question.MODEL}:responses").call(question.QUESTION).text()
