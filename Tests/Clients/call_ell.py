"""ell."""

import ell
import openai
import question


def _program(client, **more):
    @ell.simple(model=question.MODEL, client=client, **more)
    def ask():
        return question.QUESTION

    return ask


def plain(url, key):
    return _program(openai.OpenAI(base_url=url, api_key=key))()
