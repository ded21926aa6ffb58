"""Responses of model providers, as scripts for the upstream."""

import json

SSE = [("Content-Type", "text/event-stream; charset=utf-8")]
JSON = [("Content-Type", "application/json")]


def delta(content=None, finish=None, **more):
    """One chunk of a streamed chat completion, as OpenAI writes it."""
    fields = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": {**fields, **more}, "logprobs": None, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def event(value):
    data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"data: {data}\n\n".encode()


def stream_bytes(*contents):
    """The whole body of a streamed completion."""
    deltas = [event(delta(content)) for content in contents]
    return b"".join(deltas) + event(delta(finish="stop")) + event("[DONE]")


def completion(content="Hello", **more):
    message = {"role": "assistant", "content": content, **more}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    result = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return {**result, "usage": usage}


def plain(value, status=200, headers=()):
    """Answer with JSON."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return lambda exchange: exchange.answer(status, [*JSON, *headers], body)


def raw(status, headers, body):
    return lambda exchange: exchange.answer(status, headers, body)


def pieces(parts, headers=SSE, status=200):
    """Send a body in these pieces, each in its own chunk and segment."""

    def script(exchange):
        exchange.start(status, headers)
        for part in parts:
            exchange.chunk(part)
        exchange.end()

    return script


def stream(*contents):
    """Stream a chat completion, one event at a time."""
    return pieces([event(delta(c)) for c in contents] + [event(delta(finish="stop")), event("[DONE]")])


def stepwise(steps, headers=SSE):
    """Stream events, each only when its `threading.Event` is set: [(event or None, bytes), …]."""

    def script(exchange):
        exchange.start(200, headers)
        for ready, part in steps:
            if ready:
                exchange.wait(ready)
            exchange.chunk(part)
        exchange.end()

    return script


def error(message="No.", kind="invalid_request_error", code=None):
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}
