"""Bedrock with and without faults, as behaviours of `many_upstreams`, and what callers should see of it.

Each answers requests for a stream and plain ones, with the text of the request in the answer.
"""

import dataclasses
import json

import answers
import bedrock_answers as says
import event_stream
import faults
import wire
from fault_cells import Cell
from well import JSON, whole

OPTIONS = "provider: bedrock, region: us-east-1, token: key"
STREAM = wire.head("HTTP/1.1 200 OK", [*says.STREAM, ("Transfer-Encoding", "chunked")])
HALF = b'{"output":{"message":{"role":"assistant","content":[{"text":"' + b"x" * 1024 * 1024
LONGER = wire.head("HTTP/1.1 200 OK", [*JSON, ("Content-Length", 2 * len(HALF))])


def messages(name):
    """The messages of a stream, one text after the other."""
    texts = [event_stream.event("contentBlockDelta", delta(f"{name}.{number}")) for number in range(3)]
    start, stop, *end = says.events(says.text(""))
    return [start, *texts, stop, *end]


def delta(text):
    return {"contentBlockIndex": 0, "delta": {"text": text}}


def healthy(request):
    if request.is_stream:
        request.send(STREAM + wire.chunk(b"".join(messages(request.name))) + wire.LAST_CHUNK)
    else:
        output = {"message": {"role": "assistant", "content": [says.text(request.name)]}}
        body = {"output": output, "stopReason": "end_turn", "usage": says.USAGE}
        request.send(whole(200, json.dumps(body).encode()))


def pausing(seconds):
    """A stream that is silent for so long after its first text."""

    def behaviour(request):
        made = messages(request.name)
        request.send(STREAM + wire.chunk(b"".join(made[:2])))
        request.later(seconds, lambda: request.send(wire.chunk(b"".join(made[2:])) + wire.LAST_CHUNK))

    return behaviour


def begin(request, then=lambda: None):
    """Send the first text of a stream, or half of a plain response; go on when the caller has its beginning."""
    if request.is_stream:
        request.send(STREAM + wire.chunk(b"".join(messages(request.name)[:2])))
        then()
    else:
        request.send(LONGER + HALF)
        request.when_taken(then)


def stall_midway(request):
    begin(request)


def reset_midway(request):
    begin(request, request.connection.reset)


def end_early(request):
    """A stream without its stop, or a plain response that is shorter than it says."""
    if request.is_stream:
        begin(request, lambda: request.send(wire.LAST_CHUNK))
    else:
        begin(request, request.connection.close)


def sends(*parts):
    """A behaviour for streams: these bytes after the first text."""
    return lambda request: begin(request, lambda: request.send(wire.chunk(b"".join(parts)) + wire.LAST_CHUNK))


damaged = sends(event_stream.with_wrong_crc(event_stream.event("contentBlockDelta", delta("?"))))
cut_message = sends(event_stream.event("contentBlockDelta", delta("?"))[:-1])
throttled_midway = sends(event_stream.exception("throttlingException", "Slow down."))


def refuses(kind):
    headers = [*JSON, ("x-amzn-ErrorType", f"{kind}:http://internal.amazon.com/")]
    refusal = whole(says.STATUSES[kind], json.dumps({"message": "Slow down."}).encode(), headers)
    return lambda request: request.send(refusal)


def at_first(behaviour):
    """The first attempt has this fault; the next ones are answered."""
    return lambda request: (behaviour if request.attempt == 1 else healthy)(request)


def throws_before_any_event(request):
    exception = event_stream.exception("throttlingException", "Slow down.")
    request.send(STREAM + wire.chunk(exception) + wire.LAST_CHUNK) if request.is_stream else _throttles(request)


_throttles = refuses("ThrottlingException")
reset_before_head = faults.reset_before_head


@dataclasses.dataclass(frozen=True)
class BedrockCell(Cell):
    """Compares what callers see with what they see of OpenAI, whose chunks have the same texts."""

    def seen(self, body):
        if not self.stream:
            answer = json.loads(body) if body.startswith(b'{"id"') else {}
            if not answer.get("choices"):
                return body
            return json.dumps(answers.completion(answer["choices"][0]["message"]["content"])).encode()
        return b"".join(self._alike(event) for event in body.splitlines(keepends=True) if event != b"\n")

    def _alike(self, line):
        """A line without what is Bedrock's or the proxy's own: ids, times, and the chunk with the role."""
        if not line.startswith(b"data: {"):
            return line + (b"\n" if line.startswith(b"data: ") else b"")
        event = json.loads(line.removeprefix(b"data: "))
        if "error" in event:
            return line + b"\n"
        (choice,) = event["choices"]
        content, finish = choice["delta"].get("content") or None, choice["finish_reason"]
        return answers.event(answers.delta(content, finish)) if content or finish else b""
