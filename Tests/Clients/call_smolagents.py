"""smolagents."""

import question
from smolagents import ChatMessage, OpenAIModel, Tool

MESSAGES = [ChatMessage(role="user", content=question.QUESTION)]


class Weather(Tool):
    name = "get_weather"
    description = "The weather in a city."
    inputs = {"city": {"type": "string", "description": "The city."}}
    output_type = "string"

    def forward(self, city):
        return "Sun."


def _model(url, key):
    return OpenAIModel(model_id=question.MODEL, api_base=url, api_key=key, retry=False)


def plain(url, key):
    return _model(url, key).generate(MESSAGES).content


def stream(url, key):
    return [delta.content for delta in _model(url, key).generate_stream(MESSAGES)]


def tool(url, key):
    call = _model(url, key).generate(MESSAGES, tools_to_call_from=[Weather()]).tool_calls[0].function
    return call.name, call.arguments


def environment():
    return OpenAIModel(model_id=question.MODEL).generate(MESSAGES).content
