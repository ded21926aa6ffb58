"""OpenAI's Agents SDK."""

import asyncio

import openai
import question
from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, function_tool


def _agent(url, key, kind=OpenAIChatCompletionsModel, **more):
    client = openai.AsyncOpenAI(base_url=url, api_key=key)
    return Agent(name="a", model=kind(model=question.MODEL, openai_client=client), **more)


def _stream(agent):
    async def run():
        events = Runner.run_streamed(agent, question.QUESTION).stream_events()
        raw = [event.data async for event in events if event.type == "raw_response_event"]
        return [data.delta for data in raw if data.type == "response.output_text.delta"]

    return asyncio.run(run())


def plain(url, key):
    return Runner.run_sync(_agent(url, key), question.QUESTION).final_output


def stream(url, key):
    return _stream(_agent(url, key))


def tool(url, key):
    calls = []

    @function_tool
    def get_weather(city: str) -> str:
        calls.append(("get_weather", {"city": city}))
        return "Sun."

    Runner.run_sync(_agent(url, key, tools=[get_weather]), question.QUESTION)
    return calls[0]


def responses(url, key):
    return Runner.run_sync(_agent(url, key, OpenAIResponsesModel), question.QUESTION).final_output


def responses_stream(url, key):
    return _stream(_agent(url, key, OpenAIResponsesModel))


def environment():
    return Runner.run_sync(Agent(name="a", model=question.MODEL), question.QUESTION).final_output
