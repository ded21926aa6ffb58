"""The rules by which the scripted Bedrock refuses requests."""

import bedrock_answers as says
import converse_rules
import pytest
from aws_account import Refused
from bedrock_servers import CLAUDE

pytestmark = pytest.mark.debug_only
HI = [{"role": "user", "content": [{"text": "Hi"}]}]
WEATHER = {"toolSpec": {"name": "weather", "inputSchema": {"json": {"type": "object"}}}}
LIST = {"toolSpec": {"name": "a", "inputSchema": {"json": {"type": "array"}}}}


def turn(role, *content):
    return {"role": role, "content": list(content)}


ASKS, USES = turn("user", {"text": "Hi"}), turn("assistant", says.tool("t1", "weather", {}))
RESULT = turn("user", {"toolResult": {"toolUseId": "t1", "content": [{"text": "Sunny"}]}})
TOOLS = {"tools": [WEATHER]}
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
MUST = {"tools": [WEATHER], "toolChoice": {"any": {}}}


def test_a_request_with_everything_is_accepted():
    body = {
        "system": [{"text": "Be brief."}], "messages": [ASKS, USES, RESULT], "toolConfig": TOOLS,
        "inferenceConfig": {"maxTokens": 2000, "temperature": 1, "stopSequences": ["x"]},
        "requestMetadata": {"team": "a"}, "serviceTier": {"type": "flex"},
    }  # fmt: skip
    converse_rules.check("ConverseStream", CLAUDE, body)


BAD = {
    "no messages": {"messages": []},
    "an unknown key": {"messages": HI, "stream": True},
    "a role": {"messages": [turn("tool", {"text": "Hi"})]},
    "the assistant first": {"messages": [turn("assistant", {"text": "Hi"}), ASKS]},
    "twice the user": {"messages": [ASKS, ASKS]},
    "a blank text": {"messages": [turn("user", {"text": " \n"})]},
    "no content": {"messages": [turn("user")]},
    "two kinds in one block": {"messages": [turn("user", {"text": "a", "cachePoint": {"type": "default"}})]},
    "a blank system text": {"messages": HI, "system": [{"text": " "}]},
    "a blank result": {
        "messages": [ASKS, USES, turn("user", {"toolResult": {"toolUseId": "t1", "content": [{"text": ""}]}})],
        "toolConfig": TOOLS,
    },
    "a tool without a result": {"messages": [ASKS, USES, turn("user", {"text": "?"})], "toolConfig": TOOLS},
    "a result without a tool": {"messages": [ASKS, turn("assistant", {"text": "a"}), RESULT], "toolConfig": TOOLS},
    "a tool at the end": {"messages": [ASKS, USES], "toolConfig": TOOLS},
    "tools without a list of them": {"messages": [ASKS, USES, RESULT]},
    "an id": {"messages": [ASKS, turn("assistant", says.tool("t 1", "weather", {}))], "toolConfig": TOOLS},
    "a name": {"messages": HI, "toolConfig": {"tools": [{"toolSpec": {**WEATHER["toolSpec"], "name": "a.b"}}]}},
    "two tools with one name": {"messages": HI, "toolConfig": {"tools": [WEATHER, WEATHER]}},
    "a choice that is not there": {"messages": HI, "toolConfig": {**TOOLS, "toolChoice": {"tool": {"name": "other"}}}},
    "a schema": {
        "messages": HI, "toolConfig": {"tools": [LIST]},
    },
    "an image of the assistant": {
        "messages": [ASKS, turn("assistant", {"image": {"format": "gif", "source": {"bytes": "R0lG"}}}), ASKS],
    },
    "bytes": {"messages": [turn("user", {"image": {"format": "gif", "source": {"bytes": "not base64"}}})]},
    "a format": {"messages": [turn("user", {"image": {"format": "tiff", "source": {"bytes": "R0lG"}}})]},
    "a document alone": {
        "messages": [turn("user", {"document": {"format": "pdf", "name": "a", "source": {"bytes": "R0lG"}}})],
    },
    "no token": {"messages": HI, "inferenceConfig": {"maxTokens": 0}},
    "a hot temperature": {"messages": HI, "inferenceConfig": {"temperature": 1.5}},
    "a space at the end": {"messages": [ASKS, turn("assistant", {"text": "a "})]},
    "thinking without tokens": {
        "messages": HI, "additionalModelRequestFields": THINKING, "inferenceConfig": {"maxTokens": 100},
    },
    "thinking with a tool that must be used": {
        "messages": HI, "additionalModelRequestFields": THINKING, "toolConfig": MUST,
    },
    "thinking with a temperature": {
        "messages": HI, "additionalModelRequestFields": THINKING, "inferenceConfig": {"temperature": 0},
    },
    "thinking that was left out": {
        "messages": [ASKS, USES, RESULT], "additionalModelRequestFields": THINKING, "toolConfig": TOOLS,
    },
    "metadata": {"messages": HI, "requestMetadata": {"a": "b" * 300}},
}  # fmt: skip


@pytest.mark.parametrize("body", BAD)
def test_a_body_that_bedrock_does_not_take_is_refused(body):
    with pytest.raises(Refused) as caught:
        converse_rules.check("Converse", CLAUDE, BAD[body])
    assert caught.value.kind == "ValidationException"
