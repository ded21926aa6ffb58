"""What callers and Lambda should see if a provider has a fault, as values that a response is compared with."""

import dataclasses
import json

import answers
import faults
import refusals
import well

WHOLE, EVENT, CUT, FINE = "a whole error", "an error event", "broken off", "fine"
KEEPALIVE = b": keepalive\n"


@dataclasses.dataclass(frozen=True)
class Cell:
    """One fault, for callers that want a stream or a plain response.

    `shapes` are the forms that the failure may take. `begun` says whether a stream has sent its first event by then,
    `kept_alive` whether keepalives fill its silence. `waits` is how many seconds it must take at least. `requests` is
    how many the upstream gets; `raises` names the exception of OpenAI's SDK. `before` is how many calls are made to
    the same server first, without checking them.
    """

    fault: str
    stream: bool
    shapes: tuple = (FINE,)
    status: int = 200
    code: str = None
    begun: bool = False
    kept_alive: bool = False
    waits: float = 0
    requests: int = 1
    attempts: int = 1
    raises: tuple = ()
    before: int = 0

    def __str__(self):
        return f"{self.fault}-{'stream' if self.stream else 'plain'}"

    def check(self, name, status, body, is_cut):
        """Compare what one caller sees with this cell; return the shape."""
        body = self.seen(body)
        shape = CUT if is_cut else WHOLE if status >= 400 else EVENT if b'data: {"error"' in body else FINE
        assert shape in self.shapes, f"{shape}: {status} {body}"
        assert status == (200 if shape in (CUT, FINE, EVENT) else self.status), f"{status} {body}"
        if shape == WHOLE:
            error = json.loads(body)["error"]
            assert error["message"] and set(error) == {"message", "type", "param", "code"}, body
            assert self.code is None or error["code"] == self.code, body
        elif shape == EVENT:
            self._check_events(name, body)
        elif shape == FINE:
            assert self.kept_alive == (KEEPALIVE in body), body
            assert body.replace(KEEPALIVE, b"") == self._answer(name), body
        return shape

    def seen(self, body):
        """The body as it is compared."""
        return body

    def _answer(self, name):
        if self.fault == "end_early_as_expected":
            return well.first_event(name)
        return (well.stream_body if self.stream else well.plain_body)(name)

    def _check_events(self, name, body):
        """Check for the upstream's whole events, then keepalives if expected, and one error event at the end."""
        first = well.first_event(name) if self.begun else b""
        assert body.startswith(first), body
        rest = body.removeprefix(first)
        if self.kept_alive:
            assert rest.startswith(KEEPALIVE), body
            rest = rest.replace(KEEPALIVE, b"")
        if self.fault == "drip":
            while rest.startswith(faults.DRIP):
                rest = rest.removeprefix(faults.DRIP)
        assert rest.startswith(b"data: ") and rest.endswith(b"\n\n") and rest.count(b"\n\n") == 1, body
        assert json.loads(rest.removeprefix(b"data: "))["error"]["code"] == self.code, body
        if self.fault == "error_inside":
            assert rest == answers.event(refusals.OVERLOADED), body
