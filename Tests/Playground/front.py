"""A server between browser and proxy: like API Gateway it adds a path, like a bad network it breaks off."""

import contextlib
import select
import socket
import threading

import wire


class Front:
    """Forwards requests below `prefix` to an origin, one for each connection.

    `left` is set when a browser closes its connection before the end of a response.
    """

    def __init__(self, origin, prefix=""):
        self.host, _, port = origin.removeprefix("http://").partition(":")
        self.port = int(port)
        self.prefix = prefix
        self.left = threading.Event()
        self.browsers = []
        self.paths = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.browsers.append(self.listener.accept()[0])
                threading.Thread(target=self._serve, args=self.browsers[-1:], daemon=True).start()

    def _serve(self, browser):
        with browser, contextlib.suppress(OSError, wire.Disconnected):
            reader = wire.Reader(browser)
            request = reader.head()
            reader.read_body(request)
            self.paths.append(request.target)
            path = request.target.removeprefix(self.prefix)
            if not request.target.startswith(self.prefix):
                browser.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            with socket.create_connection((self.host, self.port)) as proxy:
                proxy.sendall(self._head(request, path) + request.body)
                self._relay(browser, proxy)

    def _head(self, request, path):
        kept = [
            (name, value) for name, value in request.headers if name.lower() not in ("connection", "content-length")
        ]
        more = [("Connection", "close"), ("Content-Length", len(request.body))]
        return wire.head(f"{request.method} {path} HTTP/1.1", [*kept, *more])

    def _relay(self, browser, proxy):
        while True:
            for ready in select.select([browser, proxy], [], [])[0]:
                data = ready.recv(65536)
                if ready is browser:
                    assert not data, "a browser sends nothing after its request"
                    self.left.set()
                    return
                if not data:
                    return
                browser.sendall(data)

    def break_off(self):
        """Close the connections to all browsers."""
        for browser in self.browsers:
            with contextlib.suppress(OSError):
                browser.shutdown(socket.SHUT_RDWR)

    def close(self):
        # Closing alone would let the waiting thread accept one more connection.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
