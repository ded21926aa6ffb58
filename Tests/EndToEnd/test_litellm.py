"""LiteLLM, which others wrote, as an oracle: the proxy sends Bedrock the same requests, except where it should not.

Both ask the scripted Bedrock, which checks their signatures and their requests.
"""

import json
import subprocess

import bedrock_answers as says
import calls
import programs
import pytest
from openai_requests import ASK, PIXEL, REQUESTS, SCHEMA, STRICT

PYTHON = programs.ROOT / ".build-litellm/bin/python"
LOCAL = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}


@pytest.fixture(scope="module")
def litellm(session_bedrock):
    """Where LiteLLM has sent each request and with what body, by the names of the requests."""
    assert PYTHON.exists(), "LiteLLM isn't installed: run `make test`, or as scripts/test does"
    session_bedrock.forget()
    session_bedrock.always = says.message(says.text("Hi"))
    variables = {**session_bedrock.account.variables, **LOCAL}
    done = subprocess.run(
        [PYTHON, programs.ROOT / "Tests/EndToEnd/litellm_program.py", session_bedrock.origin],
        input=json.dumps(REQUESTS), capture_output=True, text=True, env=programs.environment(**variables),
        timeout=programs.PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    sent = {}
    while not session_bedrock.saw_nothing:
        request = session_bedrock.request()
        sent[request.header("x-case")] = request
    session_bedrock.forget()
    return sent


def alike(body):
    """A body without differences that have no effect."""
    body = json.loads(json.dumps(body))
    if not body.get("inferenceConfig"):
        body.pop("inferenceConfig", None)
    # LiteLLM asks for the count of thoughts' tokens in a place of its own.
    body.pop("additionalModelResponseFieldPaths", None)
    for tool in body.get("toolConfig", {}).get("tools", []):
        spec = tool["toolSpec"]
        # LiteLLM describes a tool by its name if nobody else does.
        if spec.get("description") == spec["name"]:
            del spec["description"]
        if spec["inputSchema"]["json"].get("required") == []:
            del spec["inputSchema"]["json"]["required"]
    schema = body.get("outputConfig", {}).get("textFormat", {}).get("structure", {}).get("jsonSchema")
    if schema:
        schema["schema"] = json.loads(schema["schema"])
    return body


QUESTION = {"role": "user", "content": [{"text": ASK["content"]}]}
USED = {"role": "assistant", "content": [says.tool("t1", "weather", {"city": "Zürich"})]}


def tools(name, schema, **more):
    return {"tools": [{"toolSpec": {"name": name, "inputSchema": {"json": schema}, **more}}]}


def results(text):
    return {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "content": [{"text": text}]}}]}


def shown(**block):
    return {"messages": [{"role": "user", "content": [{"text": "What is this?"}, block]}]}


ANSWERS = "Call this tool to respond to the user. Its arguments are the response."
# For each request where the proxy differs on purpose: why, and what it sends.
DIFFERENT = {
    "a system message in between": (
        "LiteLLM turns it into words of the user, who could then write such words too",
        {
            "system": [{"text": "Be brief."}],
            "messages": [
                QUESTION, {"role": "assistant", "content": [{"text": "Sunny."}]},
                {"role": "user", "content": [{"text": "And?"}]},
            ],
        },
    ),
    "a blank system message": ("Bedrock refuses blank text", {"messages": [QUESTION]}),
    "no tool now": ("Converse has no `none`: LiteLLM lets the model call a tool", {"messages": [QUESTION]}),
    "an empty result": (
        "Bedrock refuses blank text",
        {
            "messages": [QUESTION, USED, results("(no output)")],
            "toolConfig": tools("weather", SCHEMA, description="The weather."),
        },
    ),
    "a history of tools alone": (
        "LiteLLM turns the calls into text, and the model answers with such texts",
        {
            "messages": [QUESTION, USED, results("Sunny")],
            "toolConfig": tools("weather", {"type": "object", "properties": {}}),
        },
    ),
    "an image called jpg": (
        "LiteLLM doesn't send it", shown(image={"format": "jpeg", "source": {"bytes": PIXEL}})
    ),
    "a document": (
        "the model reads the name", shown(document={"format": "pdf", "name": "a", "source": {"bytes": PIXEL}})
    ),
    "a schema of another model": (
        "the model reads the description",
        {
            "messages": [QUESTION],
            "toolConfig": {
                **tools("json_tool_call", STRICT, description=ANSWERS),
                "toolChoice": {"tool": {"name": "json_tool_call"}},
            },
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_the_proxy_sends_what_litellm_sends(bedrock, bedrock_proxy, litellm, name):
    bedrock.script(says.message(says.text("Hi")))
    body = json.dumps(REQUESTS[name]).encode()
    response = calls.call(bedrock_proxy.origin, "POST", "/bedrock/v1/chat/completions", body)
    assert response.status == 200, response.body
    ours, theirs = bedrock.request(), litellm.get(name)
    if name in DIFFERENT:
        _, expected = DIFFERENT[name]
        assert alike(ours.json) == expected
        assert not theirs or alike(theirs.json) != expected, "this isn't a difference any more"
    else:
        assert (ours.target, alike(ours.json)) == (theirs.target, alike(theirs.json))


def test_every_difference_is_one_of_a_request():
    assert set(DIFFERENT) <= set(REQUESTS)
