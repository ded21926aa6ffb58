"""Clients of other people behind the local gateway: each door as AWS has it, with the compiled program behind it."""

import json
import subprocess
import urllib.parse

import answers
import calls
import openai
import programs
import pytest
import sdks
import tables

# The gateway is a development tool, so it runs with the debug build only.
pytestmark = pytest.mark.debug_only

# What each door prints before its address, and its options. A REST API decodes what it is told to.
BINARY = ["--binary-media-type", "*/*"]
DOORS = {
    "rest": ("REST API", BINARY),
    "rest-buffered": ("REST API", BINARY),
    "http-api": ("HTTP API", []),
    "alb": ("Load balancer", []),
    "alb with lists": ("Load balancer", ["--multi-value-headers"]),
}
STREAMING = ["rest"]
TABLE = """
scripted: {{url: "{up}/v1", token: "${{UPSTREAM_TOKEN}}", model: table-model, num_retries: 0}}
speech:   {{url: "{up}/v1", token: other, endpoints: [audio/speech, audio/transcriptions]}}
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""
AUDIO = bytes(range(256)) * 100


@pytest.fixture(scope="module", params=[*DOORS])
def gateway(request, start, session_upstream):
    title, options = DOORS[request.param]
    name = request.param.split()[0]
    gateway = start(TABLE.format(up=session_upstream.origin), "--door", name, *options, title=title)
    gateway.door = request.param
    return gateway


@pytest.fixture
def sdk(gateway):
    with sdks.client(openai.OpenAI, gateway.origin) as client:
        yield client


def ask(sdk, **more):
    return sdk.chat.completions.create(model="m", messages=calls.MESSAGES, **more)


def test_a_plain_answer(sdk, upstream):
    upstream.script(answers.plain(answers.completion("Grüße 👋")))
    assert ask(sdk).choices[0].message.content == "Grüße 👋"
    request = upstream.request()
    assert request.target == "/v1/chat/completions"
    assert request.header("authorization") == f"Bearer {tables.UPSTREAM_TOKEN}"


def test_a_stream(gateway, sdk, upstream):
    upstream.script(answers.stream("Grü", "ße ", "👋"))
    response = sdk.chat.completions.with_raw_response.create(model="m", messages=calls.MESSAGES, stream=True)
    chunks = [chunk.choices[0].delta.content for chunk in response.parse()]
    assert "".join(content or "" for content in chunks) == "Grüße 👋"
    assert response.headers.get("x-proxy-stream") == (None if gateway.door in STREAMING else "collected")


def test_an_error_of_the_provider(sdk, upstream):
    upstream.script(answers.plain(answers.error("Slow down.", "requests", "slow"), 429, [("Retry-After", "7")]))
    with pytest.raises(openai.RateLimitError) as caught:
        ask(sdk)
    assert caught.value.code == "slow" and caught.value.response.headers["retry-after"] == "7"


def test_a_stream_that_fails_on_the_way(gateway, sdk, upstream):
    upstream.script(answers.pieces([answers.event(answers.delta("a"))]))
    kind = openai.APIError if gateway.door in STREAMING else openai.InternalServerError
    with pytest.raises(kind) as caught:
        list(ask(sdk, stream=True))
    assert caught.value.code == "upstream_truncated"


def test_a_wrong_key(gateway, upstream):
    with pytest.raises(openai.AuthenticationError) as caught:
        ask(sdks.client(openai.OpenAI, gateway.origin, key="wrong"))
    assert caught.value.code == "invalid_api_key" and upstream.saw_nothing


def test_models_with_a_query(sdk, upstream):
    upstream.script(answers.plain({"object": "list", "data": [{"id": "m", "object": "model"}]}))
    query = {"after": "a b&c/é+", "limit": "2"}
    assert [model.id for model in sdk.models.list(extra_query=query)] == ["m"]
    path, _, sent = upstream.request().target.partition("?")
    assert (path, dict(urllib.parse.parse_qsl(sent))) == ("/v1/models", query)


def test_speech_and_a_transcription(gateway, upstream):
    client = sdks.client(openai.OpenAI, gateway.origin, "speech")
    upstream.script(answers.raw(200, [("Content-Type", "audio/mpeg")], AUDIO), answers.plain({"text": "Hi"}))
    assert client.audio.speech.create(model="tts", voice="alloy", input="Hi").content == AUDIO
    upstream.request()
    assert client.audio.transcriptions.create(model="stt", file=("a.mp3", AUDIO)).text == "Hi"
    assert AUDIO in upstream.request().body


def curl(gateway, path, *options):
    command = ["curl", "--silent", "--show-error", "--max-time", programs.PATIENCE, f"{gateway.origin}{path}", *options]
    return subprocess.run([*map(str, command)], capture_output=True, check=True).stdout


def test_curl(gateway, upstream):
    key = ["-H", f"authorization: Bearer {calls.KEY}", "-H", "content-type: application/json"]
    upstream.script(answers.plain(answers.completion("Hi")), answers.stream("a", "b"))
    body = calls.chat().decode()
    assert json.loads(curl(gateway, "/scripted/v1/chat/completions", *key, "-d", body)) == answers.completion("Hi")
    body = calls.chat(stream=True).decode()
    assert curl(gateway, "/scripted/v1/chat/completions", "-N", *key, "-d", body) == answers.stream_bytes("a", "b")
    assert json.loads(curl(gateway, "/health"))["status"] == "ok"
    told = json.loads(curl(gateway, "/scripted/v1/chat/completions", "-d", "{}"))
    assert told["error"]["code"] == "invalid_api_key"
