"""Complete responses of model providers that aren't what was asked for, as behaviours of `many_upstreams`."""

import json

import answers
import wire
from many_upstreams import SSE
from well import JSON, first_event, healthy, plain_body, whole

OVERLOADED = answers.error("Overloaded.", "server_error", "overloaded")


def rate_limited(*headers, status=429):
    """The first attempt gets this status with these headers; the next ones are answered."""
    refusal = whole(status, json.dumps(answers.error("Slow down.", code="slow")).encode(), [*JSON, *headers])

    def behaviour(request):
        request.send(refusal) if request.attempt == 1 else healthy(request)

    return behaviour


def fails_first(request):
    refusal = whole(500, json.dumps(answers.error("Try again.", "server_error")).encode())
    request.send(refusal) if request.attempt == 1 else healthy(request)


def no_stream(request):
    """A plain response, whatever was asked for."""
    request.send(whole(200, plain_body(request.name)))


def error_inside(request):
    """A 200 that turns out to be an error."""
    if request.is_stream:
        request.send(SSE + wire.chunk(first_event(request.name) + answers.event(OVERLOADED)) + wire.LAST_CHUNK)
    else:
        request.send(whole(200, json.dumps(OVERLOADED).encode()))


def error_inside_with_status(request):
    """The same, but the plain error's code is an HTTP status."""
    error = {"error": {**OVERLOADED["error"], "code": 429}}
    request.send(whole(200, json.dumps(error).encode()))
