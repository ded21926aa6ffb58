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

# The translation is the same in any build.
pytestmark = pytest.mark.debug_only

PYTHON = programs.ROOT / ".build-litellm/bin/python"
LOCAL = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}


TOOLS = [says.text("I look."), says.tool("t1", "weather", {"city": "Zürich"}), says.tool("t2", "time", {})]
THOUGHTS = [says.thought("Let me think: é."), says.text("Hello, 日本語.")]
# What Bedrock answers. All other requests get a short text.
ANSWERS = {
    "tools": says.message(*TOOLS), "a stream with tools": says.message(*TOOLS),
    "an effort": says.message(*THOUGHTS), "a stream with an effort": says.message(*THOUGHTS),
    "a text": says.message(says.text("Hello, 日本語.")), "usage of a stream": says.message(says.text("Hello, 日本語.")),
    "max_tokens": says.message(says.text("Hel"), stop="max_tokens"),
}  # fmt: skip


def answered(name):
    return ANSWERS.get(name, says.message(says.text("Hi")))


@pytest.fixture(scope="module")
def litellm(session_bedrock):
    """What LiteLLM has sent, and what it has answered, by the names of the requests."""
    assert PYTHON.exists(), "LiteLLM isn't installed: run `make test`, or as scripts/test does"
    session_bedrock.forget()
    session_bedrock.always = lambda exchange: answered(exchange.request.header("x-case"))(exchange)
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
    outcomes = {outcome["name"]: outcome.get("answer") for outcome in map(json.loads, done.stdout.splitlines())}
    return sent, outcomes


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


DESCRIPTION = "Call this tool to respond to the user. Its arguments are the response."
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
                **tools("json_tool_call", STRICT, description=DESCRIPTION),
                "toolChoice": {"tool": {"name": "json_tool_call"}},
            },
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_the_proxy_sends_what_litellm_sends(bedrock, bedrock_proxy, litellm, name):
    bedrock.script(answered(name))
    body = json.dumps(REQUESTS[name]).encode()
    response = calls.call(bedrock_proxy.origin, "POST", "/bedrock/v1/chat/completions", body)
    assert response.status == 200, response.body
    ours, theirs = bedrock.request(), litellm[0].get(name)
    if name in DIFFERENT:
        _, expected = DIFFERENT[name]
        assert alike(ours.json) == expected
        assert not theirs or alike(theirs.json) != expected, "this isn't a difference any more"
    else:
        assert (ours.target, alike(ours.json)) == (theirs.target, alike(theirs.json))


def gathered(answer):
    """What a caller has after an answer, which is a completion or a list of chunks."""
    chunks = answer if isinstance(answer, list) else [answer]
    found = {"content": "", "reasoning_content": "", "signatures": "", "finish_reason": None, "usage": None}
    used = {}
    for chunk in chunks:
        if usage := chunk.get("usage"):
            found["usage"] = {name: usage[f"{name}_tokens"] for name in ("prompt", "completion", "total")}
        for choice in chunk["choices"]:
            said = choice.get("message") or choice["delta"]
            found["finish_reason"] = choice["finish_reason"] or found["finish_reason"]
            for name in ("content", "reasoning_content"):
                found[name] += said.get(name) or ""
            found["signatures"] += "".join(block.get("signature") or "" for block in said.get("thinking_blocks") or [])
            for place, call in enumerate(said.get("tool_calls") or []):
                known = used.setdefault(call.get("index", place), {"id": "", "name": "", "arguments": ""})
                for part, text in {"id": call.get("id"), **call["function"]}.items():
                    known[part] += text or ""
    for call in used.values():
        call["arguments"] = json.loads(call["arguments"])
    return {**found, "calls": list(used.values())}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_caller_gets_what_litellms_caller_gets(bedrock, bedrock_proxy, litellm, name):
    bedrock.script(answered(name))
    body = json.dumps(REQUESTS[name]).encode()
    response = calls.call(bedrock_proxy.origin, "POST", "/bedrock/v1/chat/completions", body).body.decode()
    lines = [line.removeprefix("data: ") for line in response.splitlines() if line.startswith("data: {")]
    ours = [json.loads(line) for line in lines] or json.loads(response)
    assert gathered(ours) == gathered(litellm[1][name])


def test_every_difference_is_one_of_a_request():
    assert set(DIFFERENT) <= set(REQUESTS)
