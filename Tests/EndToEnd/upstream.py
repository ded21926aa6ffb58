"""A scripted upstream on loopback: it records its requests, and does exactly what the test says.

A script is a function that takes an `Exchange`. Each script answers one request; a request without a script gets a 599.
"""

import contextlib
import queue
import socket
import struct
import threading

import programs
import wire


class Exchange:
    """One request and the connection to answer it on."""

    def __init__(self, request, connection):
        self.request = request
        self.connection = connection
        self.closed = False

    def send(self, data):
        self.connection.sendall(data)

    def wait(self, event):
        """Go on only when the test says so."""
        assert event.wait(programs.PATIENCE), "the test never set the event that the upstream waits for"

    def start(self, status=200, headers=(), reason="OK"):
        """Send the head of a chunked response."""
        self.send(wire.head(f"HTTP/1.1 {status} {reason}", [*headers, ("Transfer-Encoding", "chunked")]))

    def chunk(self, data):
        self.send(wire.chunk(data))

    def end(self):
        self.send(wire.LAST_CHUNK)

    def answer(self, status, headers, body, reason="OK"):
        """Send a whole response."""
        self.send(wire.head(f"HTTP/1.1 {status} {reason}", [*headers, ("Content-Length", len(body))]) + body)

    def close(self):
        self.closed = True
        self.connection.close()

    def close_for_both(self):
        """Close, and return when the other side's kernel knows it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, programs.PATIENCE))
        self.close()

    def reset(self):
        """Close with RST, like a process that crashed."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def until_the_other_side_leaves(self):
        with contextlib.suppress(OSError):
            while self.connection.recv(65536):
                pass
        self.close()


class Upstream:
    """A server on an ephemeral port, unless another is given. `tls` is an SSLContext, for https."""

    def __init__(self, tls=None, port=0):
        self.tls = tls
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.scripts = queue.SimpleQueue()
        self.requests = queue.SimpleQueue()
        self.always = None
        self.reads_bodies = True
        self.failures = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def origin(self):
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    def script(self, *scripts):
        """Answer the next requests, one script each."""
        for script in scripts:
            self.scripts.put(script)

    def request(self):
        """Return the oldest request that wasn't returned yet."""
        return self.requests.get(timeout=programs.PATIENCE)

    @property
    def saw_nothing(self):
        return self.requests.empty()

    def forget(self):
        """Forget everything between two tests, so that one can't affect the next."""
        self.always = None
        self.reads_bodies = True
        for left in (self.scripts, self.requests):
            while not left.empty():
                left.get()
        failures, self.failures = self.failures, []
        return failures

    def close(self):
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(wire.Disconnected, OSError), contextlib.closing(connection):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            reader, open_ = wire.Reader(connection), True
            while open_:
                exchange = Exchange(reader.head(), connection)
                if self.reads_bodies:
                    reader.read_body(exchange.request)
                self._run(exchange)
                open_ = not exchange.closed

    def _run(self, exchange):
        self.requests.put(exchange.request)
        script = self.always or _no_script
        if not self.scripts.empty():
            script = self.scripts.get()
        try:
            script(exchange)
        except AssertionError as failure:
            self.failures.append(failure)
            raise OSError from failure


def _no_script(exchange):
    exchange.answer(599, [], b"the test gave no script for this request")
