"""Instructor, around OpenAI's SDK."""

import instructor
import openai
import pydantic
import question


class get_weather(pydantic.BaseModel):  # The class's name is the tool's.
    city: str


def _ask(client, **more):
    create = instructor.from_openai(client).chat.completions.create
    return create(model=question.MODEL, messages=question.MESSAGES, **more)


def plain(url, key):
    answer = _ask(openai.OpenAI(base_url=url, api_key=key), response_model=None)
    return answer.choices[0].message.content


def structured(url, key):
    answer = _ask(openai.OpenAI(base_url=url, api_key=key), response_model=get_weather)
    return "get_weather", answer.model_dump()


def environment():
    return _ask(openai.OpenAI(), response_model=None).choices[0].message.content
