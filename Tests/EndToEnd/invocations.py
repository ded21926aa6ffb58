"""One invocation as Lambda sees it: the event that is sent, and the response that comes back."""

import asyncio
import base64
import dataclasses
import json

END_OF_PRELUDE = bytes(8)


@dataclasses.dataclass
class Answer:
    """What the Runtime API was told. `kind` is `response`, `error`, or `cut` for a response without its last chunk."""

    kind: str
    headers: dict
    raw: bytes
    trailers: dict

    @property
    def is_streamed(self):
        return self.headers.get("lambda-runtime-function-response-mode") == "streaming"

    @property
    def prelude(self):
        assert self.is_streamed, f"not streamed: {self.raw[:200]}"
        prelude, mark, _ = self.raw.partition(END_OF_PRELUDE)
        assert mark, f"no prelude: {self.raw[:200]}"
        return json.loads(prelude)

    @property
    def status(self):
        return self.prelude["statusCode"]

    @property
    def body(self):
        return self.raw.partition(END_OF_PRELUDE)[2]

    @property
    def failure(self):
        """The error that was reported, by itself or in trailers: `errorType` and `errorMessage`; None without one."""
        if self.kind == "error":
            return json.loads(self.raw)
        body = self.trailers.get("lambda-runtime-function-error-body")
        failure = json.loads(base64.b64decode(body)) if body else None
        assert (failure or {}).get("errorType") == self.trailers.get("lambda-runtime-function-error-type")
        return failure

    @property
    def code(self):
        """The code of the OpenAI error in the body, or in the last event of a stream."""
        text = self.body.rstrip().rpartition(b"\n")[2].removeprefix(b"data: ")
        return json.loads(text)["error"]["code"]


class Invocation:
    """An event in progress. Await `answer` for the Answer, `begun` for its beginning, `until(text)` for a part."""

    def __init__(self, number, event, status=202, keeps_body=True, reads=True, trace=None):
        self.id = f"request-{number}"
        self.trace = trace or f"Root=1-67891233-{number:024x};Parent=53995c3f42cd8ad8;Sampled=1"
        self.nonce = f"attempt-{number}"
        self.event = event if isinstance(event, bytes) else json.dumps(event).encode()
        self.status = status
        self.keeps_body = keeps_body
        self.reads = reads
        self.answer = asyncio.get_running_loop().create_future()
        self.begun = asyncio.get_running_loop().create_future()
        self.delivered = False
        self.pieces = []
        self.size = 0
        self.connection = None
        self.waiting = []

    @property
    def received(self):
        return b"".join(self.pieces)

    def begins(self, connection):
        self.connection = connection
        if not self.reads:
            connection.transport.pause_reading()
        self.begun.set_result(None)

    def resume(self):
        """Resume reading an answer."""
        self.connection.transport.resume_reading()

    def receives(self, data):
        self.size += len(data)
        if self.keeps_body:
            self.pieces.append(data)
        for text, found in self.waiting:
            if not found.done() and text in self.received:
                found.set_result(None)

    async def until(self, text):
        """Wait until the answer has this text."""
        found = asyncio.get_running_loop().create_future()
        self.waiting.append((text, found))
        self.receives(b"")
        await found

    def ends(self, kind, headers, trailers):
        if not self.answer.done():
            self.answer.set_result(Answer(kind, headers, self.received, trailers))
