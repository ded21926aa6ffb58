"""Direct invocations, as workflows and `aws lambda invoke` send them, and their results."""

import base64
import re

import doors

CHAT = "/v1/chat/completions"
MESSAGES = [{"role": "user", "content": "Hi"}]
# What a workflow may find as an error's name.
NAMES = """
    InvalidRequest AccessDenied LimitExceeded UpstreamThrottled UpstreamTimeout UpstreamUnavailable UpstreamDenied
    UpstreamInvalidResponse DeadlineExceeded ResponseTooLarge Unavailable Misconfigured InvalidEvent
"""
TYPES = {f"Function.{name}" for name in NAMES.split()}


def chat(server="scripted", path=CHAT, body=None, **more):
    """The event of a chat completion; `more` are members of the event."""
    body = {"model": "m", "messages": MESSAGES} if body is None else body
    return {"server": server, "path": path, "body": body, **more}


def result(answer):
    """What the caller gets from a successful invocation."""
    assert answer.kind == "response", answer.raw
    assert not answer.is_streamed
    told = doors.document(answer.raw)
    assert {"status", "headers", "body"} <= set(told) <= {"status", "headers", "body", "isBase64Encoded"}, told
    assert type(told["status"]) is int and 200 <= told["status"] < 400
    assert all(isinstance(text, str) for field in told["headers"].items() for text in field)
    if told.get("isBase64Encoded"):
        told["body"] = base64.b64decode(told["body"], validate=True)
    return told


def thrown(answer):
    """The type, status and code of the error that the caller gets, and the whole message."""
    assert answer.kind == "error", answer.raw
    assert answer.failure["errorType"] in TYPES
    assert answer.headers["lambda-runtime-function-error-type"] == answer.failure["errorType"]
    message = answer.failure["errorMessage"]
    status, code = re.match(r"(\d{3}) (\S+): .", message).groups()
    return answer.failure["errorType"].removeprefix("Function."), int(status), code, message
