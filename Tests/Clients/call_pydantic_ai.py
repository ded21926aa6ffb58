"""Pydantic AI."""

import asyncio

import question
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider


def _agent(url, key, kind=OpenAIChatModel):
    return Agent(kind(question.MODEL, provider=OpenAIProvider(base_url=url, api_key=key)))


def plain(url, key):
    return _agent(url, key).run_sync(question.QUESTION).output


def stream(url, key):
    async def run():
        async with _agent(url, key).run_stream(question.QUESTION) as answer:
            return [piece async for piece in answer.stream_text(delta=True, debounce_by=None)]

    return asyncio.run(run())


def tool(url, key):
    calls = []
    agent = _agent(url, key)

    @agent.tool_plain
    def get_weather(city: str) -> str:
        calls.append(("get_weather", {"city": city}))
        return "Sun."

    agent.run_sync(question.QUESTION)
    return calls[0]


def responses(url, key):
    return _agent(url, key, OpenAIResponsesModel).run_sync(question.QUESTION).output


def environment():
    return Agent(f"openai-chat:{question.MODEL}").run_sync(question.QUESTION).output
