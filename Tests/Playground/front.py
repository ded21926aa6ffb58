"""A server between browser and proxy, as API Gateway, a CDN or a bad network is one: it adds a path, or breaks off."""

import contextlib
import select
import socket
import threading

import wire


class Front:
    """Forwards what comes below `prefix` to an origin, one request a connection.

    `left` is set when a browser has closed its connection before the end of a response. `cut`: so many bytes of a
    response are let through if its request's path ends with `cut_path`, then the connection is closed.
    """

    def __init__(self, origin, prefix="", cut_path=None, cut=None):
        self.host, _, port = origin.removeprefix("http://").partition(":")
        self.port = int(port)
        self.prefix, self.cut_path, self.cut = prefix, cut_path, cut
        self.left = threading.Event()
        self.paths = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection = self.listener.accept()[0]
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

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
                self._relay(browser, proxy, self.cut if self.cut_path and path.endswith(self.cut_path) else None)

    def _head(self, request, path):
        kept = [
            (name, value) for name, value in request.headers if name.lower() not in ("connection", "content-length")
        ]
        more = [("Connection", "close"), ("Content-Length", len(request.body))]
        return wire.head(f"{request.method} {path} HTTP/1.1", [*kept, *more])

    def _relay(self, browser, proxy, cut):
        while True:
            for ready in select.select([browser, proxy], [], [])[0]:
                data = ready.recv(65536)
                if ready is browser:
                    assert not data, "a browser sends nothing after its request"
                    self.left.set()
                    return
                if cut is not None:
                    data, cut = data[:cut], cut - len(data)
                browser.sendall(data)
                if not data or (cut is not None and cut <= 0):
                    return

    def close(self):
        self.listener.close()
