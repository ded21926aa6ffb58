"""simpleaichat, which has OpenAI's address in an attribute."""

import question
import simpleaichat


def _chat(url, key):
    chat = simpleaichat.AIChat(api_key=key, model=question.MODEL, console=False)
    chat.get_session().api_url = f"{url}/chat/completions"
    return chat


def plain(url, key):
    return _chat(url, key)(question.QUESTION)


def stream(url, key):
    return [part["delta"] for part in _chat(url, key).stream(question.QUESTION)]
