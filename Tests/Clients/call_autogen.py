"""AutoGen's client for OpenAI's API."""

import asyncio

import question
from autogen_core.models import UserMessage
from autogen_ext.models.openai import OpenAIChatCompletionClient

MESSAGES = [UserMessage(content=question.QUESTION, source="user")]


def _client(url, key):
    return OpenAIChatCompletionClient(model=question.MODEL, base_url=url, api_key=key)


def plain(url, key):
    return asyncio.run(_client(url, key).create(MESSAGES)).content


def stream(url, key):
    async def run():
        return [piece async for piece in _client(url, key).create_stream(MESSAGES) if isinstance(piece, str)]

    return asyncio.run(run())


def tool(url, key):
    call = asyncio.run(_client(url, key).create(MESSAGES, tools=[question.WEATHER["function"]])).content[0]
    return call.name, call.arguments


def environment():
    return asyncio.run(OpenAIChatCompletionClient(model=question.MODEL).create(MESSAGES)).content
