"""If a provider or one of its URLs is down, OpenAI's SDK gets the response of another."""

import answers
import calls
import openai
import pytest
import sdks

TABLE = """
down:
  url: "http://127.0.0.1:{closed}/v1"
  token: token-of-down
  model: model-of-down
  num_retries: 0
  fallbacks: [spare]
spare:  {{url: "{up}/v1", token: token-of-spare, model: model-of-spare}}
spread: {{url: [{{url: "http://127.0.0.1:{closed}/v1", weight: 1000}}, "{up}/v1"], token: token-of-spread}}
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""


@pytest.fixture(scope="module")
def origin(start, session_upstream, closed_port):
    return start(TABLE.format(up=session_upstream.origin, closed=closed_port)).origin


def ask(origin, server, stream):
    """Ask for a joke; return it and the response's headers."""
    with sdks.client(openai.OpenAI, origin, server) as sdk:
        raw = sdk.chat.completions.with_raw_response.create(
            model="the-caller-s-model", messages=calls.MESSAGES, stream=stream
        )
        answer = raw.parse()
        if not stream:
            return answer.choices[0].message.content, raw.headers
        return "".join(chunk.choices[0].delta.content or "" for chunk in answer), raw.headers


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize(
    ("server", "answering", "model"),
    [("down", "spare", "model-of-spare"), ("spread", "spread", "the-caller-s-model")],
)
def test_another_server_or_url_answers(upstream, origin, server, answering, model, stream):
    upstream.script(answers.stream("a ", "joke") if stream else answers.plain(answers.completion("a joke")))
    joke, headers = ask(origin, server, stream)
    assert joke == "a joke"
    assert headers["x-proxy-server"] == answering
    request = upstream.request()
    assert (request.json["model"], request.header("authorization")) == (model, f"Bearer token-of-{answering}")
    assert upstream.saw_nothing
