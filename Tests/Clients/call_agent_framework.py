"""Microsoft's Agent Framework."""

import asyncio

import question
from agent_framework import Agent
from agent_framework.openai import OpenAIChatClient, OpenAIChatCompletionClient, OpenAIEmbeddingClient


def _agent(url, key, kind=OpenAIChatCompletionClient, **more):
    return Agent(client=kind(question.MODEL, base_url=url, api_key=key), **more)


def plain(url, key):
    return asyncio.run(_agent(url, key).run(question.QUESTION)).text


def stream(url, key):
    async def run():
        return [update.text async for update in _agent(url, key).run(question.QUESTION, stream=True)]

    return asyncio.run(run())


def tool(url, key):
    calls = []

    def get_weather(city: str) -> str:
        """The weather in a city."""
        calls.append(("get_weather", {"city": city}))
        return "Sun."

    asyncio.run(_agent(url, key, tools=[get_weather]).run(question.QUESTION))
    return calls[0]


def embedding(url, key):
    client = OpenAIEmbeddingClient(model=question.EMBEDDING_MODEL, base_url=url, api_key=key)
    return asyncio.run(client.get_embeddings(["a"]))[0].vector


def responses(url, key):
    return asyncio.run(_agent(url, key, OpenAIChatClient).run(question.QUESTION)).text


def environment():
    return asyncio.run(Agent(client=OpenAIChatCompletionClient(question.MODEL)).run(question.QUESTION)).text
