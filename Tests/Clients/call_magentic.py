"""magentic."""

import magentic
import question
from magentic.chat_model.openai_chat_model import OpenaiChatModel


def _ask(model, **more):
    chat = magentic.Chat([magentic.UserMessage(question.QUESTION)], model=model, **more)
    return chat.submit().last_message.content


def plain(url, key):
    return _ask(OpenaiChatModel(question.MODEL, base_url=url, api_key=key))


def stream(url, key):
    model = OpenaiChatModel(question.MODEL, base_url=url, api_key=key)
    return list(_ask(model, output_types=[magentic.StreamedStr]))


def tool(url, key):
    def get_weather(city: str) -> str:
        """The weather in a city."""

    model = OpenaiChatModel(question.MODEL, base_url=url, api_key=key)
    call = _ask(model, functions=[get_weather], output_types=[magentic.FunctionCall[str]])
    return "get_weather", dict(call.arguments)


def environment():
    return _ask(OpenaiChatModel(question.MODEL))
