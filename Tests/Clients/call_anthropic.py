"""Anthropic's SDK, for a server with `endpoints: [messages]`."""

import anthropic
import question

ASKED = {"model": question.MODEL, "max_tokens": 100, "messages": question.MESSAGES}


def plain(url, key):
    return anthropic.Anthropic(base_url=url, api_key=key).messages.create(**ASKED).content[0].text


def stream(url, key):
    with anthropic.Anthropic(base_url=url, api_key=key).messages.stream(**ASKED) as pieces:
        return list(pieces.text_stream)


def models(url, key):
    return [model.id for model in anthropic.Anthropic(base_url=url, api_key=key).models.list()]


def environment():
    return anthropic.Anthropic().messages.create(**ASKED).content[0].text
