"""An OpenID issuer on loopback: its discovery document, its key set, and whatever a test puts in their place.

A behaviour is a script of `upstream`: a function that takes an `Exchange`.
"""

import collections
import contextlib
import gzip
import json
import socket
import threading

import answers
import programs
import signing_keys
import upstream

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"
LARGEST = 64 * 1024


class Issuer:
    """Serves both documents, and counts the fetches by path.

    `behaviours` has what is answered at a path in place of the document. `path` is that of the issuer's own address.
    """

    def __init__(self, *keys, path=""):
        self.keys = list(keys)
        self.path = path
        self.behaviours = {}
        self.fetches = collections.Counter()
        self.connections = set()
        self.changed = threading.Condition()
        self.server = None
        self.port = 0
        self.listen()

    def listen(self):
        """Listen, after `refuse` at the same port again."""
        self.server = upstream.Upstream(port=self.port)
        self.server.always = self._answer
        self.port = self.server.port

    def refuse(self):
        """Close all connections, and refuse new ones."""
        # A thread that waits in `accept` or `recv` would keep a socket open that is only closed.
        for connection in (self.server.listener, *self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.connections.clear()
        self.server.close()

    def close(self):
        self.refuse()
        assert not self.server.failures, self.server.failures

    @property
    def name(self):
        return f"http://127.0.0.1:{self.port}{self.path}"

    @property
    def jwks_url(self):
        return f"http://127.0.0.1:{self.port}{KEYS}"

    @property
    def key_set(self):
        return {"keys": [key.jwk() if isinstance(key, signing_keys.SigningKey) else key for key in self.keys]}

    @property
    def document(self):
        """The discovery document (OpenID Connect Discovery 1.0, section 3)."""
        return {
            "issuer": self.name, "jwks_uri": self.jwks_url, "authorization_endpoint": f"{self.name}/authorize",
            "token_endpoint": f"{self.name}/token", "response_types_supported": ["code"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
        }  # fmt: skip

    def fetched(self, path, count):
        """Wait until a path has been fetched so often."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.fetches[path] >= count, programs.PATIENCE), self.fetches

    def _answer(self, exchange):
        path = exchange.request.target
        with self.changed:
            self.fetches[path] += 1
            self.connections.add(exchange.connection)
            self.changed.notify_all()
        if path in self.behaviours:
            self.behaviours[path](exchange)
        elif path == self.path.removesuffix("/") + DISCOVERY:
            answers.plain(self.document)(exchange)
        elif path == KEYS:
            answers.plain(self.key_set)(exchange)
        else:
            exchange.answer(404, [], b"")


@contextlib.contextmanager
def running(*keys, path=""):
    issuer = Issuer(*keys, path=path)
    try:
        yield issuer
    finally:
        issuer.close()


def held(document):
    """Answer with a document when the event that comes with it is set."""
    gate = threading.Event()

    def script(exchange):
        exchange.wait(gate)
        answers.plain(document)(exchange)

    return gate, script


def compressed(document):
    """Answer with gzip, although nobody has asked for it."""
    return answers.raw(200, [*answers.JSON, ("Content-Encoding", "gzip")], gzip.compress(json.dumps(document).encode()))


def redirect(location, status=302):
    return answers.raw(status, [("Location", location)], b"")


def padded(document, length=LARGEST + 1):
    """Answer with a document of so many bytes, of which the last ones are spaces."""
    return answers.raw(200, answers.JSON, json.dumps(document).encode().ljust(length))
