"""HTTP/1.1 as bytes on a socket: shows exactly what was sent, and sends exactly what a test says."""

import dataclasses
import json


class Disconnected(Exception):
    """The other side has closed the connection."""


@dataclasses.dataclass
class Message:
    """A request or response as it arrived: `first` has the three parts of the first line."""

    first: list
    headers: list
    body: bytes = b""

    @property
    def method(self):
        return self.first[0]

    @property
    def target(self):
        return self.first[1]

    def header(self, name):
        """Return the value of a header, or None. Several values fail the test."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2, f"{name} came more than once: {values}"
        return values[0] if values else None

    @property
    def header_names(self):
        return {key.lower() for key, _ in self.headers}

    @property
    def json(self):
        return json.loads(self.body)


class Reader:
    """Reads messages from a socket."""

    def __init__(self, connection):
        self.connection = connection
        self.buffer = b""

    def fill(self):
        received = self.connection.recv(65536)
        if not received:
            raise Disconnected
        self.buffer += received

    def line(self):
        while b"\r\n" not in self.buffer:
            self.fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("latin-1")

    def exactly(self, count):
        parts, have = [self.buffer], len(self.buffer)
        while have < count:
            received = self.connection.recv(min(1 << 20, count - have))
            if not received:
                raise Disconnected
            parts.append(received)
            have += len(received)
        whole = b"".join(parts)
        self.buffer = whole[count:]
        return whole[:count]

    def head(self):
        first = self.line().split(" ", 2)
        headers = []
        while line := self.line():
            name, value = line.split(":", 1)
            headers.append((name, value.strip()))
        return Message(first, headers)

    def chunks(self):
        """Yield the chunks of a chunked body, then skip its trailers."""
        while size := int(self.line().split(";")[0], 16):
            yield self.exactly(size)
            self.line()
        while self.line():
            pass

    def read_body(self, message):
        if (message.header("transfer-encoding") or "").lower() == "chunked":
            message.body = b"".join(self.chunks())
        else:
            message.body = self.exactly(int(message.header("content-length") or 0))


def head(first, headers):
    lines = [first] + [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"
