"""Bedrock as ministack emulates it, called by AWS's client and by the proxy. `test_in_a_network` runs it.

ministack listens on all interfaces, so this runs in a network that has only loopback. It asks an OpenAI server for its
answers: the scripted one, or the small real model.
"""

import json

import answers
import calls
import network
import openai
import programs
import pytest
import sdks
from bedrock_servers import CLAUDE as MODEL
from ministack_server import client, running

# ministack asks for a permission that AWS doesn't have: bedrock:Converse.
MAY_CONVERSE = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["bedrock:InvokeModel*", "bedrock:Converse*"], "Resource": "*"}]}"""
MAY_TAKE_ROLES = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}"""
TABLE = """
bedrock:
  provider: bedrock
  url: http://127.0.0.1:4566
  region: us-east-1
  num_retries: 0
settings: {virtual_keys: [{name: tests, key: "${TEST_KEY}"}]}
"""
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
CALL = {"id": "t1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Zürich"}'}}


@pytest.fixture(scope="session", autouse=True)
def loopback(tmp_path_factory):
    network.bring_up(tmp_path_factory.mktemp("network"))


@pytest.fixture(scope="session")
def ministack(loopback, session_upstream):
    variables = {
        "AUTH": "true", "MINISTACK_BEDROCK_PROXY_URL": session_upstream.origin,
        # After that, ministack makes up an answer.
        "MINISTACK_BEDROCK_PROXY_TIMEOUT_SECONDS": str(programs.PATIENCE),
    }  # fmt: skip
    with running(**variables) as address:
        yield address


@pytest.fixture(scope="session")
def role(ministack):
    """A role's credentials like a function's: with a session token."""
    iam = client(ministack, "iam")
    made = iam.create_role(RoleName="function", AssumeRolePolicyDocument=MAY_TAKE_ROLES)["Role"]
    iam.put_role_policy(RoleName="function", PolicyName="converse", PolicyDocument=MAY_CONVERSE)
    return client(ministack, "sts").assume_role(RoleArn=made["Arn"], RoleSessionName="test")["Credentials"]


@pytest.fixture(scope="session")
def aws(ministack, role):
    """AWS's client with these credentials."""
    return client(ministack, "bedrock-runtime", role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])


@pytest.fixture(scope="session")
def function(start, ministack, role):
    return start(
        TABLE, AWS_ACCESS_KEY_ID=role["AccessKeyId"], AWS_SECRET_ACCESS_KEY=role["SecretAccessKey"],
        AWS_SESSION_TOKEN=role["SessionToken"],
    )  # fmt: skip


@pytest.fixture
def chat(function):
    with sdks.client(openai.OpenAI, function.origin, "bedrock") as sdk:
        yield sdk.chat.completions


def test_awss_client_gets_the_answer_of_the_openai_server(upstream, aws):
    upstream.script(answers.plain(answers.completion("Hello")))
    got = aws.converse(modelId=MODEL, messages=[{"role": "user", "content": [{"text": "Hi"}]}])
    assert got["output"]["message"]["content"] == [{"text": "Hello"}]
    assert upstream.request().json["messages"] == calls.MESSAGES


def test_a_wrong_secret_is_refused(ministack, role):
    wrong = client(ministack, "bedrock-runtime", role["AccessKeyId"], "another secret", role["SessionToken"])
    with pytest.raises(wrong.exceptions.ClientError) as caught:
        wrong.converse(modelId=MODEL, messages=[{"role": "user", "content": [{"text": "Hi"}]}])
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_the_proxy_gets_an_answer(upstream, chat):
    upstream.script(answers.plain(answers.completion("Hello")))
    got = chat.create(model=MODEL, messages=[{"role": "system", "content": "Be brief."}, *calls.MESSAGES], max_tokens=5)
    assert (got.choices[0].message.content, got.choices[0].finish_reason) == ("Hello", "stop")
    assert (got.usage.prompt_tokens, got.usage.completion_tokens) == (1, 2)
    asked = upstream.request().json
    assert asked["messages"] == [{"role": "system", "content": "Be brief."}, *calls.MESSAGES]
    assert (asked["max_tokens"], asked["model"]) == (5, MODEL)


def test_the_proxy_gets_a_stream(upstream, chat):
    words = "A long answer that ministack divides into several deltas: é, 日本語, 😀."
    upstream.script(answers.plain(answers.completion(words)))
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(chat.create(model=MODEL, messages=calls.MESSAGES, **options))
    parts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert "".join(parts) == words and len(parts) > 1
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage.total_tokens == 3


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_a_tool_is_called_and_its_result_sent_back(upstream, chat, stream):
    upstream.script(answers.plain(answers.completion(None, tool_calls=[CALL])))
    options = {"model": MODEL, "tools": [WEATHER]}
    if stream:
        with chat.stream(**options, messages=calls.MESSAGES) as events:
            got = events.get_final_completion().choices[0]
    else:
        got = chat.create(**options, messages=calls.MESSAGES).choices[0]
    (call,) = got.message.tool_calls
    assert (call.id, call.function.name, got.finish_reason) == ("t1", "weather", "tool_calls")
    assert json.loads(call.function.arguments) == {"city": "Zürich"}
    assert upstream.request().json["tools"] == [WEATHER]
    upstream.script(answers.plain(answers.completion("Sunny.")))
    said = {"role": "assistant", "content": None, "tool_calls": [call.model_dump()]}
    result = {"role": "tool", "tool_call_id": "t1", "content": "sunny"}
    got = chat.create(**options, messages=[*calls.MESSAGES, said, result])
    assert got.choices[0].message.content == "Sunny."
    _, asked, answered = upstream.request().json["messages"]
    assert json.loads(asked["tool_calls"][0]["function"]["arguments"]) == {"city": "Zürich"}
    assert answered == result


def test_credentials_that_ministack_refuses_are_the_owners_fault(start, ministack, role):
    named = {"AWS_ACCESS_KEY_ID": role["AccessKeyId"], "AWS_SESSION_TOKEN": role["SessionToken"]}
    program = start(TABLE, **named, AWS_SECRET_ACCESS_KEY="another secret")
    with sdks.client(openai.OpenAI, program.origin, "bedrock") as sdk:
        with pytest.raises(openai.InternalServerError) as caught:
            sdk.chat.completions.create(model=MODEL, messages=calls.MESSAGES)
    assert (caught.value.status_code, caught.value.code) == (502, "upstream_authentication")


def test_a_real_model_answers_behind_converse(upstream, model_url, chat):
    """The small model's server is on this loopback too; the scripted one passes the request on."""

    relayed = []

    def relay(exchange):
        asked = {**exchange.request.json, "model": "smollm2", "temperature": 0}
        got = calls.call(model_url.removesuffix("/v1"), "POST", "/v1/chat/completions", asked, key=None)
        relayed.append(got.json["choices"][0]["message"]["content"])
        exchange.answer(200, answers.JSON, got.body)

    upstream.script(relay)
    ask = [{"role": "user", "content": "Tell me a joke."}]
    got = chat.create(model=MODEL, messages=ask, max_tokens=12, stream=True, stream_options={"include_usage": True})
    chunks = list(got)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert [text] == relayed and text.strip()
    assert chunks[-1].usage.completion_tokens == 12
