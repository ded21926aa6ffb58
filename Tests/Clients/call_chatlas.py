"""chatlas."""

import chatlas
import question


def _chat(url, key, kind=chatlas.ChatOpenAICompletions):
    return kind(model=question.MODEL, base_url=url, api_key=key)


def plain(url, key):
    return str(_chat(url, key).chat(question.QUESTION, echo="none", stream=False)).strip()


def stream(url, key):
    return list(_chat(url, key).stream(question.QUESTION))


def tool(url, key):
    calls = []
    chat = _chat(url, key)

    def get_weather(city: str) -> str:
        """The weather in a city."""
        calls.append(("get_weather", {"city": city}))
        return "Sun."

    chat.register_tool(get_weather)
    chat.chat(question.QUESTION, echo="none")
    return calls[0]


def models(url, key):
    return [model["id"] for model in _chat(url, key).list_models()]


def responses(url, key):
    return str(_chat(url, key, chatlas.ChatOpenAI).chat(question.QUESTION, echo="none", stream=False)).strip()
