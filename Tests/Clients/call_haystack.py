"""Haystack."""

import question
from haystack import Pipeline
from haystack.components.embedders import OpenAITextEmbedder
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import Tool
from haystack.utils import Secret

MESSAGES = [ChatMessage.from_user(question.QUESTION)]


def _run(url, key, **more):
    generator = OpenAIChatGenerator(model=question.MODEL, api_base_url=url, api_key=Secret.from_token(key), **more)
    return generator.run(messages=MESSAGES)["replies"][0]


def plain(url, key):
    return _run(url, key).text


def stream(url, key):
    pieces = []
    _run(url, key, streaming_callback=lambda chunk: pieces.append(chunk.content))
    return pieces


def tool(url, key):
    function = question.WEATHER["function"]
    call = _run(url, key, tools=[Tool(**function, function=lambda city: "Sun.")]).tool_calls[0]
    return call.tool_name, call.arguments


def embedding(url, key):
    embedder = OpenAITextEmbedder(model=question.EMBEDDING_MODEL, api_base_url=url, api_key=Secret.from_token(key))
    return embedder.run("a")["embedding"]


def environment():
    """In a pipeline, because only pipelines send telemetry."""
    pipeline = Pipeline()
    pipeline.add_component("generator", OpenAIChatGenerator(model=question.MODEL))
    return pipeline.run({"generator": {"messages": MESSAGES}})["generator"]["replies"][0].text
