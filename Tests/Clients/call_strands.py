"""Strands Agents."""

import asyncio

import question
import strands
from strands.models.openai import OpenAIModel


def _agent(url, key, **more):
    model = OpenAIModel(client_args={"base_url": url, "api_key": key}, model_id=question.MODEL)
    return strands.Agent(model=model, callback_handler=None, retry_strategy=None, **more)


def plain(url, key):
    return str(_agent(url, key)(question.QUESTION)).strip()


def stream(url, key):
    async def run():
        return [e["data"] async for e in _agent(url, key).stream_async(question.QUESTION) if "data" in e]

    return asyncio.run(run())


def tool(url, key):
    calls = []

    @strands.tool
    def get_weather(city: str) -> str:
        """The weather in a city."""
        calls.append(("get_weather", {"city": city}))
        return "Sun."

    _agent(url, key, tools=[get_weather])(question.QUESTION)
    return calls[0]


def environment():
    agent = strands.Agent(model=OpenAIModel(model_id=question.MODEL), callback_handler=None)
    return str(agent(question.QUESTION)).strip()
