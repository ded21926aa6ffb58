"""A provider that gives the same answer in all formats that clients ask for: a script for `upstream.Upstream`."""

import base64
import json
import struct

import answers

PIECES = ["Paris", " is the capital", " of France."]
TEXT = "".join(PIECES)
VECTOR = [0.25, -0.5, 1.0]
MODELS = ["gpt-4o-mini", "text-embedding-3-small", "org/name"]
FILLINGS = {"string": "Paris", "integer": 7, "number": 7, "boolean": True, "array": [], "object": {}}
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
RESPONSES_USAGE = {
    "input_tokens": 1, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 2, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 3,
}  # fmt: skip


def answer(exchange):
    """Answer by the end of the path, whatever comes before it."""
    path = exchange.request.target.partition("?")[0].partition("/v1/")[2]
    if exchange.request.method == "GET":
        _plain(exchange, _models(path.removeprefix("models").removeprefix("/")))
    else:
        _POST.get(path, _unknown)(exchange, exchange.request.json)


def _chat(exchange, body):
    call = _call(body)
    if body.get("stream"):
        whole = [answers.delta(tool_calls=[{"index": 0, **_tool_call(*call)}])] if call else _deltas()
        ending = [answers.delta(finish="tool_calls" if call else "stop")]
        if (body.get("stream_options") or {}).get("include_usage"):
            ending.append({**answers.delta(), "choices": [], "usage": USAGE})
        _stream(exchange, [*whole, *ending, "[DONE]"])
        return
    completion = answers.completion(TEXT)
    if call:
        choice = completion["choices"][0]
        choice["message"] |= {"content": None, "tool_calls": [_tool_call(*call)]}
        choice["finish_reason"] = "tool_calls"
    _plain(exchange, completion)


def _deltas():
    return [answers.delta(piece, role="assistant") for piece in PIECES]


def _call(body):
    """Return the name and arguments of the tool call, or None. A tool is called once, if there is one.

    Its arguments are made up from its schema, because some clients use a tool for each answer.
    """
    messages = body.get("messages") or body.get("input")
    if not body.get("tools") or _is_result(messages[-1]):
        return None
    function = body["tools"][0].get("function") or body["tools"][0]
    properties = function["parameters"].get("properties", {})
    return function["name"], {name: FILLINGS[schema.get("type", "string")] for name, schema in properties.items()}


def _is_result(message):
    return message.get("role") == "tool" or message.get("type") == "function_call_output"


def _tool_call(name, arguments):
    return {"id": "call_1", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


def _responses(exchange, body):
    call = _call(body)
    text = {"type": "output_text", "text": TEXT, "annotations": [], "logprobs": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
    item = {**message, "content": [text]}
    if call:
        item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "status": "completed"}
        item |= {"name": call[0], "arguments": json.dumps(call[1])}
    response = {
        "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": body["model"],
        "output": [item], "usage": RESPONSES_USAGE, "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
        "error": None, "incomplete_details": None, "instructions": None, "metadata": {},
    }  # fmt: skip
    if not body.get("stream"):
        _plain(exchange, response)
        return
    place = {"item_id": item["id"], "output_index": 0}
    events = [
        ("response.created", {"response": {**response, "status": "in_progress", "output": [], "usage": None}}),
        ("response.output_item.added", {"output_index": 0, "item": {**item, "status": "in_progress"}}),
    ]
    if call:
        events += [
            ("response.function_call_arguments.delta", {**place, "delta": item["arguments"]}),
            ("response.function_call_arguments.done", {**place, "arguments": item["arguments"], "name": call[0]}),
        ]
    else:
        part = {**place, "content_index": 0}
        events[1][1]["item"]["content"] = []
        events.append(("response.content_part.added", {**part, "part": {**text, "text": ""}}))
        events += [("response.output_text.delta", {**part, "delta": piece, "logprobs": []}) for piece in PIECES]
        events.append(("response.output_text.done", {**part, "text": TEXT, "logprobs": []}))
        events.append(("response.content_part.done", {**part, "part": text}))
    events.append(("response.output_item.done", {"output_index": 0, "item": item}))
    events.append(("response.completed", {"response": response}))
    _named(exchange, [(kind, {**fields, "sequence_number": n}) for n, (kind, fields) in enumerate(events)])


def _messages(exchange, body):
    """Anthropic's Messages API."""
    usage = {"input_tokens": 1, "output_tokens": 2}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "usage": usage}
    message |= {"stop_reason": "end_turn", "stop_sequence": None, "content": [{"type": "text", "text": TEXT}]}
    if not body.get("stream"):
        _plain(exchange, message)
        return
    deltas = [{"index": 0, "delta": {"type": "text_delta", "text": piece}} for piece in PIECES]
    _named(
        exchange,
        [
            ("message_start", {"message": {**message, "content": [], "stop_reason": None}}),
            ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
            *[("content_block_delta", delta) for delta in deltas],
            ("content_block_stop", {"index": 0}),
            ("message_delta", {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": usage}),
            ("message_stop", {}),
        ],
    )


def _embeddings(exchange, body):
    """In the encoding that was asked for: OpenAI's SDK wants base64 by default."""
    packed = base64.b64encode(struct.pack(f"<{len(VECTOR)}f", *VECTOR)).decode()
    vector = packed if body.get("encoding_format") == "base64" else VECTOR
    count = len(body["input"]) if isinstance(body["input"], list) else 1
    data = [{"object": "embedding", "index": index, "embedding": vector} for index in range(count)]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    _plain(exchange, {"object": "list", "model": body["model"], "data": data, "usage": usage})


def _models(name):
    models = [{"id": id, "object": "model", "created": 1, "owned_by": "test"} for id in MODELS]
    if not name:
        return {"object": "list", "data": models}
    return next(model for model in models if model["id"] == name.replace("%2F", "/"))


def _unknown(exchange, body):
    answers.plain(answers.error(f"There is no {exchange.request.target} here."), 404)(exchange)


def _plain(exchange, value):
    answers.plain(value)(exchange)


def _stream(exchange, values):
    answers.pieces([answers.event(value) for value in values])(exchange)


def _named(exchange, events):
    """A stream whose events have names, which are also in their data."""
    parts = [f"event: {kind}\n".encode() + answers.event({"type": kind, **fields}) for kind, fields in events]
    answers.pieces(parts)(exchange)


_POST = {"chat/completions": _chat, "responses": _responses, "messages": _messages, "embeddings": _embeddings}
