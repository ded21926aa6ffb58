"""aisuite."""

import aisuite
import question


def _ask(url, key, **more):
    client = aisuite.Client({"openai": {"base_url": url, "api_key": key}})
    return client.chat.completions.create(model=f"openai:{question.MODEL}", messages=question.MESSAGES, **more)


def plain(url, key):
    return _ask(url, key).choices[0].message.content


def tool(url, key):
    call = _ask(url, key, tools=[question.WEATHER]).choices[0].message.tool_calls[0].function
    return call.name, call.arguments


def environment():
    answer = aisuite.Client().chat.completions.create(model=f"openai:{question.MODEL}", messages=question.MESSAGES)
    return answer.choices[0].message.content
