"""Events that keep a function warm are answered at once, and leave no trace in the log."""

import json

import answers
import doors
import events
import functions
import pytest

TABLE = """
server: {{url: "{up}/v1"}}
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""
FORMS = [events.load(name) for name in events.PINGS]
# What other senders add.
FORMS += [
    {"source": "serverless-plugin-warmup", "custom": {"x": [1]}},
    {"warmer": True, "correlationId": "x", "n": None},
]
# What is not meant: nobody sends these to keep something warm.
NO_PINGS = [
    {"ping": False}, {"ping": "pong"}, {"ping": 1}, {"warmup": None}, {"warmer": "true"}, {"keep-warm": {}},
    {"source": "aws.events"}, {"source": "aws.events", "detail-type": "Something Else"}, {"source": ["aws.events"]},
    {"source": "aws.s3", "detail-type": "Scheduled Event"}, {"Ping": True}, {"nested": {"ping": True}},
    [{"ping": True}], {"source": "serverless-plugin-warmup "}, {},
]  # fmt: skip


@pytest.fixture(scope="module", params=["INFO", "DEBUG"])
def leveled(request, session_upstream):
    table = TABLE.format(up=session_upstream.origin)
    with functions.serving(table, AWS_LAMBDA_LOG_LEVEL=request.param, AWS_LAMBDA_LOG_FORMAT="JSON") as function:
        yield request.param, function


def logged(function):
    """Wait until everything is in the log: what comes last is about another request, whose id is returned."""
    refused = function.ask(doors.FUNCTION_URL.event("GET", "/nosuch/v1/x")).prelude["headers"]["x-proxy-request-id"]
    function.process.log_with(refused)
    return refused


@pytest.mark.parametrize("event", FORMS, ids=lambda event: json.dumps(event)[:40])
def test_a_ping_is_answered_and_logged_at_debug_only(leveled, upstream, event):
    level, function = leveled
    logged(function)
    before = len(function.process.lines)
    answer = function.ask(event)
    assert (answer.kind, json.loads(answer.raw)) == ("response", {"status": "ok"})
    assert not answer.is_streamed
    assert upstream.saw_nothing
    refused = logged(function)
    after = [line for line in function.process.lines[before:] if refused not in line]
    if level == "INFO":
        assert after == []
    else:
        assert any('"level":"DEBUG"' in line and "warm" in line for line in after), after
        assert not any('"message":"request"' in line or "_aws" in line for line in after), after


@pytest.mark.parametrize("event", NO_PINGS, ids=json.dumps)
def test_what_only_looks_like_a_ping_is_an_invalid_event(leveled, event):
    answer = leveled[1].ask(event)
    assert answer.kind == "error" and answer.failure["errorType"] == "Function.InvalidEvent"


@pytest.mark.parametrize("door", doors.DOORS, ids=str)
@pytest.mark.parametrize("mark", [{"ping": True}, {"warmer": True}, {"source": "serverless-plugin-warmup"}])
def test_a_request_with_the_mark_of_a_ping_is_a_request(leveled, upstream, door, mark):
    """A member that anybody can add must not turn a request into a ping. Its own door is seen by its context."""
    upstream.always = answers.plain({})
    answer = leveled[1].ask(mark | door.event(path="/server/v1/chat/completions", body=b"{}"))
    assert json.loads(answer.raw.rpartition(bytes(8))[2]) != {"status": "ok"}
