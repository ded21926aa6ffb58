"""What models on Bedrock answer, as scripts for `bedrock`."""

import json

import answers
import event_stream
from converse_rules import model

JSON = [("Content-Type", "application/json")]
STREAM = [("Content-Type", event_stream.MEDIA_TYPE)]
USAGE = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}
SIGNATURE = "EqQBCkgIBxABGAIiQ+the/signature=="
STATUSES = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in model("ConverseStream").error_shapes}
STATUSES |= {
    "ExpiredTokenException": 403, "InvalidSignatureException": 403, "UnrecognizedClientException": 403,
    "IncompleteSignatureException": 403, "MissingAuthenticationTokenException": 403,
    "ServiceQuotaExceededException": 400,
}  # fmt: skip


def text(words):
    return {"text": words}


def thought(words, signature=SIGNATURE):
    return {"reasoningContent": {"reasoningText": {"text": words, "signature": signature}}}


def tool(id, name, arguments):
    return {"toolUse": {"toolUseId": id, "name": name, "input": arguments}}


def message(*blocks, stop=None, usage=USAGE):
    """Answer with these blocks: plain or as a stream, as it was asked for."""
    stop = stop or ("tool_use" if any("toolUse" in block for block in blocks) else "end_turn")

    def script(exchange):
        if exchange.operation == "ConverseStream":
            pieces(*events(*blocks, stop=stop, usage=usage))(exchange)
        else:
            output = {"message": {"role": "assistant", "content": list(blocks)}}
            body = {"output": output, "stopReason": stop, "usage": usage, "metrics": {"latencyMs": 1}}
            exchange.answer(200, JSON, json.dumps(body).encode())

    return script


def events(*blocks, stop="end_turn", usage=USAGE):
    """The messages of a stream, as bytes. Each payload has the padding that Bedrock's have."""
    values = [("messageStart", {"role": "assistant"})]
    for index, block in enumerate(blocks):
        for name, value in _of_block(block):
            values.append((name, {"contentBlockIndex": index, **value}))
    values += [("messageStop", {"stopReason": stop}), ("metadata", {"usage": usage, "metrics": {"latencyMs": 1}})]
    made = [event_stream.event(name, {**value, "p": "abcdefgh"[: 1 + len(name) % 8]}) for name, value in values]
    assert len(event_stream.decoded(b"".join(made))) == len(values)
    return made


def _of_block(block):
    """Only tools have a contentBlockStart; a thought ends with its signature."""
    if "text" in block:
        deltas = [{"text": part} for part in _parts(block["text"])]
    elif "toolUse" in block:
        used = block["toolUse"]
        yield "contentBlockStart", {"start": {"toolUse": {"toolUseId": used["toolUseId"], "name": used["name"]}}}
        deltas = [{"toolUse": {"input": part}} for part in ["", *_parts(json.dumps(used["input"]))]]
    else:
        deltas = [{"reasoningContent": delta} for delta in _of_thought(block["reasoningContent"])]
    for delta in deltas:
        yield "contentBlockDelta", {"delta": delta}
    yield "contentBlockStop", {}


def _of_thought(content):
    if "redactedContent" in content:
        return [content]
    thought = content["reasoningText"]
    return [{"text": part} for part in _parts(thought["text"])] + [{"signature": thought["signature"]}]


def _parts(words):
    return [words[begin : begin + 5] for begin in range(0, len(words), 5)]


def pieces(*parts, end="end"):
    """Send these bytes, each part in its own chunk; end the response, or `close` or `reset` the connection."""

    def script(exchange):
        exchange.start(200, STREAM)
        for part in parts:
            if part:
                exchange.chunk(part)
        getattr(exchange, end)()

    return script


def stepwise(*steps):
    """Send parts of a stream, each only when its event is set: (event or None, bytes)."""
    return answers.stepwise(steps, STREAM)


def failure(kind, words="No.", status=None):
    """Answer with this exception; with another status than its own if one is given."""
    return lambda exchange: exchange.fail(status or STATUSES[kind], kind, words)


def plain(value, status=200, headers=()):
    """Answer with JSON, whatever was asked for."""
    return lambda exchange: exchange.answer(status, [*JSON, *headers], json.dumps(value).encode())
