"""What Bedrock's Converse refuses: by botocore's model of its requests, and by rules that the model doesn't have."""

import base64
import binascii
import functools
import math
import re

import botocore.session
from aws_account import Refused
from botocore.validate import ParamValidator


@functools.cache
def model(operation):
    """botocore's model of an operation, such as `ConverseStream`."""
    return botocore.session.get_session().get_service_model("bedrock-runtime").operation_model(operation)


def check(operation, model_id, body):
    """Refuse what Bedrock would refuse. Validation is its first error."""
    shape = model(operation).input_shape
    request = {"modelId": model_id, **body}
    if report := ParamValidator().validate(request, shape).generate_report():
        raise _invalid(report)
    _check_values(request, shape, "request")
    for rule in (_alternates, _has_text, _pairs_tools, _has_tools, _has_media_of_users, _thinks):
        rule(body)


def _invalid(message):
    return Refused(400, "ValidationException", message)


def _check_values(value, shape, place):
    """Check enumerations, patterns and largest values, which botocore's validator leaves to AWS."""
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        for name, member in shape.members.items():
            if name in value:
                _check_values(value[name], member, f"{place}.{name}")
    elif shape.type_name == "list":
        for number, entry in enumerate(value):
            _check_values(entry, shape.member, f"{place}.{number}")
    elif shape.type_name == "map":
        for key, entry in value.items():
            _check_values(key, shape.key, f"{place}.{key}")
            _check_values(entry, shape.value, f"{place}.{key}")
    _check_value(value, shape, place)


def _check_value(value, shape, place):
    known = shape.metadata
    if "enum" in known and value not in known["enum"]:
        raise _invalid(f"Value '{value}' at '{place}' failed to satisfy constraint: Member must satisfy enum value set")
    if "pattern" in known and not re.fullmatch(known["pattern"], value):
        raise _invalid(f"Value '{value}' at '{place}' failed to satisfy constraint: Member must satisfy regular expr")
    size = value if isinstance(value, (int, float)) else len(value)
    if "max" in known and size > known["max"]:
        raise _invalid(f"Value at '{place}' failed to satisfy constraint: Member must be at most {known['max']}")


def _alternates(body):
    roles = [message["role"] for message in body.get("messages", [])]
    if not roles or roles[0] != "user":
        raise _invalid("A conversation must start with a user message. Try again with a conversation that does.")
    if any(role != ("user", "assistant")[number % 2] for number, role in enumerate(roles)):
        raise _invalid("A conversation must alternate between user and assistant roles.")


def _has_text(body):
    for number, message in enumerate(body["messages"]):
        if not message["content"]:
            raise _invalid(f"The content field in the Message object at messages.{number} is empty.")
        for place, block in enumerate(message["content"]):
            results = block.get("toolResult", {}).get("content", [{"text": "no result"}])
            if not results or any(not part.get("text", "another kind").strip() for part in [block, *results]):
                at = f"messages.{number}.content.{place}"
                raise _invalid(f"The text field in the ContentBlock object at {at} is blank.")
    if any(not block.get("text", "another kind").strip() for block in body.get("system", [])):
        raise _invalid("system: text content blocks must contain non-whitespace text")
    last = body["messages"][-1]
    if last["role"] == "assistant" and last["content"][-1].get("text", "")[-1:].isspace():
        raise _invalid("messages: final assistant content cannot end with trailing whitespace")


def _of(message, kind):
    return [block[kind]["toolUseId"] for block in message["content"] if kind in block]


def _pairs_tools(body):
    """Each toolUse has its toolResult in the next message, and no toolResult is without one."""
    messages = body["messages"]
    for number, message in enumerate(messages):
        asked = _of(messages[number - 1], "toolUse") if number else []
        answered = _of(message, "toolResult")
        if sorted(asked) != sorted(answered) or len(set(asked)) < len(asked):
            raise _invalid(f"messages.{number}: the toolResult blocks {answered} aren't those of the toolUse {asked}.")
        if any("toolUse" in block for block in message["content"]) and message["role"] != "assistant":
            raise _invalid(f"messages.{number}: only the assistant uses tools.")
    if _of(messages[-1], "toolUse"):
        raise _invalid("`tool_use` ids were found without `tool_result` blocks immediately after.")


def _has_tools(body):
    used = any("toolUse" in block or "toolResult" in block for m in body["messages"] for block in m["content"])
    if used and "toolConfig" not in body:
        raise _invalid("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
    if "toolConfig" in body:
        specs = [tool["toolSpec"] for tool in body["toolConfig"]["tools"] if "toolSpec" in tool]
        names = [spec["name"] for spec in specs]
        chosen = body["toolConfig"].get("toolChoice", {}).get("tool", {}).get("name", names[0] if names else None)
        if len(set(names)) < len(names) or chosen not in names:
            raise _invalid(f"tools: the names {names} aren't unique, or '{chosen}' isn't among them.")
        if any(spec["inputSchema"]["json"].get("type") != "object" for spec in specs):
            raise _invalid("The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of: object.")


def _has_media_of_users(body):
    for number, message in enumerate(body["messages"]):
        media = [block[kind] for block in message["content"] for kind in ("image", "document") if kind in block]
        if media and message["role"] != "user":
            raise _invalid(f"messages.{number}: only users send images and documents.")
        for block in media:
            try:
                base64.b64decode(block["source"].get("bytes", ""), validate=True)
            except binascii.Error:
                raise _invalid(f"messages.{number}: the bytes aren't base64.") from None
        documents = [block["document"]["name"] for block in message["content"] if "document" in block]
        if documents and (len(set(documents)) < len(documents) or not any("text" in b for b in message["content"])):
            raise _invalid(f"messages.{number}: documents need unique names, and a text beside them.")


def _thinks(body):
    """Claude's rules for extended thinking."""
    thinking = body.get("additionalModelRequestFields", {}).get("thinking", {})
    if thinking.get("type") != "enabled":
        return
    budget, most = thinking.get("budget_tokens", 0), body.get("inferenceConfig", {}).get("maxTokens", math.inf)
    if not 1024 <= budget < most:
        raise _invalid("`max_tokens` must be greater than `thinking.budget_tokens`, which must be at least 1024")
    if {"any", "tool"} & set(body.get("toolConfig", {}).get("toolChoice", {})):
        raise _invalid("Thinking may not be enabled when tool_choice forces tool use.")
    if body.get("inferenceConfig", {}).get("temperature", 1) != 1 or "topP" in body.get("inferenceConfig", {}):
        raise _invalid("`temperature` may only be set to 1 when thinking is enabled.")
    *before, last = body["messages"]
    if _of(last, "toolResult") and "reasoningContent" not in before[-1]["content"][0]:
        raise _invalid(f"messages.{len(before) - 1}.content.0.type: Expected `thinking`, but found `tool_use`.")
