"""Agno."""

import question
from agno.agent import Agent
from agno.models.openai import OpenAIChat, OpenAIResponses


class RunStatusError(Exception):
    """There is no exception: a failed run says so in its status."""


def _content(run):
    if run.status == "ERROR":
        raise RunStatusError(run.content)
    return run.content


def _agent(url, key, kind=OpenAIChat, **more):
    return Agent(model=kind(id=question.MODEL, base_url=url, api_key=key), **more)


def plain(url, key):
    return _content(_agent(url, key).run(question.QUESTION))


def stream(url, key):
    events = _agent(url, key).run(question.QUESTION, stream=True)
    return [event.content for event in events if event.event == "RunContent"]


def tool(url, key):
    calls = []

    def get_weather(city: str) -> str:
        """The weather in a city."""
        calls.append(("get_weather", {"city": city}))
        return "Sun."

    _agent(url, key, tools=[get_weather]).run(question.QUESTION)
    return calls[0]


def responses(url, key):
    return _agent(url, key, OpenAIResponses).run(question.QUESTION).content


def environment():
    return Agent(model=OpenAIChat(id=question.MODEL)).run(question.QUESTION).content
