"""Changes events at random: the same for the same seed."""

import copy
import json

# Members by which the door is seen. What is changed elsewhere is answered in the form of the event's own door.
MARKS = {"requestContext", "version", "httpMethod", "path", "rawPath", "source", "detail-type", "server", "resource"}
MARKS |= {"warmer", "warmup", "ping", "keep-warm", "multiValueHeaders", "headers"}
ODD = [
    None, True, False, 0, -1, 1.5, 1e300, 10**30, "", " ", "x", "\0", "é", "\ud83d", "a\r\nb: c", "%zz", "../..",
    "$default", "2.0", "1.0", [], {}, [[]], [None], {"": ""}, {"a": None}, {"a": ["b"]}, ["x", 5], "x" * 10_000,
    "e30=", "{",
]  # fmt: skip
BYTES = [
    b"\xff",
    b"\x00",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b":",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"1e999",
    b"\xef\xbb\xbf",
]


def places(value, path=()):
    """The paths of all members and elements."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in inner:
        yield (*path, name)
        yield from places(member, (*path, name))


class Mutations:
    def __init__(self, random, events):
        self.random = random
        self.events = events

    def mutated(self, event):
        """The bytes of a changed event, and whether its door is still seen in the same way."""
        event = copy.deepcopy(event)
        changed = set()
        for _ in range(self.random.choice([1, 1, 1, 2, 4])):
            changed.add(self._change(event))
        raw = json.dumps(event).encode()
        if self.random.random() < 0.3:
            return self._damaged(raw), False
        return raw, not changed & MARKS

    def _change(self, event):
        """Change one place; return the member of the event that it is in."""
        path = self.random.choice([*places(event)] or [("x",)])
        inner = event
        for name in path[:-1]:
            inner = inner[name]
        match self.random.randrange(4):
            case 0 if path[-1] in (inner if isinstance(inner, dict) else ()):
                del inner[path[-1]]
            case 1:
                inner[path[-1]] = self._deep()
            case 2:
                other = self.random.choice(self.events)
                name = self.random.choice(sorted(other))
                event[name] = copy.deepcopy(other[name])
                return name
            case _:
                # A copy, because the next change may be inside it.
                inner[path[-1]] = copy.deepcopy(self.random.choice(ODD))
        return path[0]

    def _deep(self):
        value = 0
        # Four of these inside each other stay below Python's own limit of 1000.
        for _ in range(self.random.randrange(1, 200)):
            value = [value] if self.random.random() < 0.5 else {"a": value}
        return value

    def _damaged(self, raw):
        at = self.random.randrange(len(raw) + 1)
        match self.random.randrange(4):
            case 0:
                return raw[:at]
            case 1:
                return raw[:at] + self.random.choice(BYTES) + raw[at:]
            case 2:
                return raw[:at] + self.random.choice(BYTES) + raw[at + 1 :]
            case _:
                end = self.random.randrange(at, min(len(raw), at + 200) + 1)
                return raw[:end] + raw[at:end] + raw[end:]
