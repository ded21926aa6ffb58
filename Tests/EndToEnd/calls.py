"""Calls the proxy without an SDK, with the exact bytes of requests and responses."""

import contextlib
import json
import socket

import programs
import wire

KEY = "the-client-key-of-the-tests"
MESSAGES = [{"role": "user", "content": "Hi"}]


class Response(wire.Message):
    """A response: `status` and headers as they arrived, `body` without the chunk framing."""

    @property
    def status(self):
        return int(self.first[1])

    @property
    def error(self):
        error = self.json["error"]
        assert set(error) == {"message", "type", "param", "code"}, f"not OpenAI's shape: {self.body}"
        return error


@contextlib.contextmanager
def opened(origin, method, path, body=b"", headers=None, key=KEY, receive_buffer=None):
    """Send a request; return the response's head, and a generator of the body's pieces."""
    host, port = origin.removeprefix("http://").split(":")
    with socket.socket() as connection:
        connection.settimeout(programs.PATIENCE)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.connect((host, int(port)))
        fields = {"Host": f"{host}:{port}", "Content-Type": "application/json", "Content-Length": len(body)}
        if key is not None:
            fields["Authorization"] = f"Bearer {key}"
        fields.update(headers or {})
        connection.sendall(wire.head(f"{method} {path} HTTP/1.1", fields.items()) + body)
        reader = wire.Reader(connection)
        head = reader.head()
        yield Response(head.first, head.headers), _pieces(reader, head, method)


def _pieces(reader, head, method):
    if (head.header("transfer-encoding") or "").lower() == "chunked":
        yield from reader.chunks()
    elif method != "HEAD":
        yield reader.exactly(int(head.header("content-length") or 0))


def call(origin, method, path, body=b"", **options):
    """Send a request and read its whole response."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    with opened(origin, method, path, body, **options) as (response, pieces):
        response.body = b"".join(pieces)
        return response


def chat(**more):
    """The body of a chat completion, as bytes."""
    return json.dumps({"model": "m", "messages": MESSAGES, **more}).encode()
