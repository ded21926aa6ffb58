"""Semantic Kernel."""

import asyncio

import openai
import question
from semantic_kernel.connectors.ai.open_ai import (
    OpenAIChatCompletion,
    OpenAIChatPromptExecutionSettings,
    OpenAITextEmbedding,
)
from semantic_kernel.contents import ChatHistory

SETTINGS = OpenAIChatPromptExecutionSettings()


def _history():
    history = ChatHistory()
    history.add_user_message(question.QUESTION)
    return history


def _service(url, key):
    client = openai.AsyncOpenAI(base_url=url, api_key=key)
    return OpenAIChatCompletion(ai_model_id=question.MODEL, async_client=client)


def plain(url, key):
    return str(asyncio.run(_service(url, key).get_chat_message_content(_history(), SETTINGS)))


def stream(url, key):
    async def run():
        pieces = _service(url, key).get_streaming_chat_message_content(_history(), SETTINGS)
        return [str(piece) async for piece in pieces]

    return asyncio.run(run())


def embedding(url, key):
    client = openai.AsyncOpenAI(base_url=url, api_key=key)
    service = OpenAITextEmbedding(ai_model_id=question.EMBEDDING_MODEL, async_client=client)
    return asyncio.run(service.generate_embeddings(["a"]))[0].tolist()


def environment():
    service = OpenAIChatCompletion(ai_model_id=question.MODEL)
    return str(asyncio.run(service.get_chat_message_content(_history(), SETTINGS)))
