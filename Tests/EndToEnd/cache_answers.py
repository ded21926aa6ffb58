"""Responses that a cache may spoil: streams with tools, reasoning and usage, odd line ends, many scripts."""

import json

import answers
from answers import delta, event

USAGE = {
    "prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 4}, "completion_tokens_details": {"reasoning_tokens": 3},
}  # fmt: skip
HEADERS = [("OpenAI-Version", "2020-10-01"), ("x-request-id", "req_1"), ("OpenAI-Processing-Ms", "7")]


def call(index, arguments, **more):
    return {"index": index, "function": {"arguments": arguments, **more}}


def first_call(index, id, name):
    return {**call(index, "", name=name), "id": id, "type": "function"}


TOOLS = [
    delta(role="assistant", reasoning_content=""),
    delta(reasoning_content="Let me think about Zürich. "),
    delta(reasoning_content="日本語 😀"),
    delta("I look."),
    delta(tool_calls=[first_call(0, "call_1", "weather")]),
    delta(tool_calls=[call(0, '{"city": "Zür')]),
    delta(tool_calls=[call(0, 'ich"}'), first_call(1, "call_2", "time")]),
    delta(tool_calls=[call(1, "{}")]),
    delta(finish="tool_calls"),
    {**delta(), "choices": [], "usage": USAGE},
]
EVENTS = [*[event(chunk) for chunk in TOOLS], event("[DONE]")]
ODD = [
    b": a comment\n\n",
    b"event: message\r\n" + event(delta("a")).replace(b"\n", b"\r\n"),
    b"data:" + json.dumps(delta("no space")).encode() + b"\n\n",
    b'data: {"id":"x","choices":[{"index":0,\ndata: "delta":{"content":"two lines"},"finish_reason":null}]}\n\n',
    event(delta("\u2028 \u0000 \x7f \ufeff")),
    event(delta(finish="stop")),
    b"data: [DONE]\r\n\r\n",
]
WEATHER = {"name": "weather", "arguments": '{"city": "Zürich"}'}
COMPLETION = answers.completion(
    None, reasoning_content="Let me think.", tool_calls=[{"id": "call_1", "type": "function", "function": WEATHER}]
) | {"usage": USAGE, "system_fingerprint": "fp_1"}  # fmt: skip
EMBEDDINGS = {
    "object": "list", "model": "e", "usage": {"prompt_tokens": 2, "total_tokens": 2},
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -1e-7, 1.0]}],
}  # fmt: skip
MODERATION = {"id": "modr-1", "model": "m", "results": []}
TEXT = {
    "id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "text": "Hello", "finish_reason": "stop", "logprobs": None}],
}  # fmt: skip
MESSAGE = {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": []}
RESPONSE = {
    "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m", "output": [MESSAGE],
    "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
    "usage": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7},
}  # fmt: skip


def named(kind, number, **more):
    """An event of a streamed response."""
    return f"event: {kind}\n".encode() + event({"type": kind, "sequence_number": number, **more})


RESPONSE_EVENTS = [
    named("response.created", 0, response={**RESPONSE, "status": "in_progress", "output": [], "usage": None}),
    named("response.output_text.delta", 1, item_id="m", output_index=0, content_index=0, delta="Grüezi", logprobs=[]),
    named("response.completed", 2, response=RESPONSE),
]


def pretty(value):
    """JSON as no serializer here would write it again."""
    return json.dumps(value, indent=3).replace(": ", " :  ").encode() + b"\n\n"


# For each case: the path, what is asked beside the model, and the script.
MESSAGES = [{"role": "user", "content": "Hi"}]
CASES = {
    "chat": ("chat/completions", {"messages": MESSAGES}, answers.plain(pretty(COMPLETION), headers=HEADERS)),
    "chat stream": (
        "chat/completions",
        {"messages": MESSAGES, "stream": True, "stream_options": {"include_usage": True}},
        answers.pieces(EVENTS, [*answers.SSE, *HEADERS]),
    ),
    "odd stream": ("chat/completions", {"messages": MESSAGES, "stream": True, "n": 1}, answers.pieces(ODD)),
    "stream in one piece": (
        "chat/completions",
        {"messages": MESSAGES, "stream": True, "n": 2},
        answers.raw(200, [("content-type", "text/event-stream")], b"".join(EVENTS)),
    ),
    "stream byte by byte": (
        "chat/completions",
        {"messages": MESSAGES, "stream": True, "n": 3},
        answers.pieces([bytes([byte]) for byte in b"".join(EVENTS)]),
    ),
    "completions": ("completions", {"prompt": "Hi"}, answers.plain(pretty(TEXT))),
    "embeddings": ("embeddings", {"input": "Hi"}, answers.plain(pretty(EMBEDDINGS))),
    "moderations": ("moderations", {"input": "Hi"}, answers.plain(pretty(MODERATION))),
    "responses": ("responses", {"input": "Hi"}, answers.plain(pretty(RESPONSE), headers=HEADERS)),
    "responses stream": ("responses", {"input": "Hi", "stream": True}, answers.pieces(RESPONSE_EVENTS)),
}
