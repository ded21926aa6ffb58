"""A connection of the tested program to the Runtime API of `runtime_api`."""

import messages
from invocations import Answer

EXTENSION_ID = "24ca8fb1-7e0c-4c3c-9ae5-6f1b1ab3f0a5"
OK = b'{"status":"OK"}'


class Connection(messages.Messages):
    def __init__(self, api):
        super().__init__()
        self.api = api
        self.invocation = None

    def connection_made(self, transport):
        super().connection_made(transport)
        self.api.connections.add(self)

    def connection_lost(self, error):
        super().connection_lost(error)
        self.api.connections.discard(self)
        if self in self.api.polls:
            self.api.polls.remove(self)

    def begins(self, head):
        self.head = head
        _, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        self.path = path.split("/")[2:]
        self.data = []
        self.invocation = None
        if len(self.path) == 4 and self.path[1] == "invocation":
            self._begins_answer(self.path[2])

    def _begins_answer(self, id):
        invocation = self.api.open.pop(id, None)
        headers = messages.fields(self.head)
        if invocation is None or not invocation.delivered:
            self.api.faults.append(f"{self.path[3]} for {id}, which is not open")
        elif headers.get("lambda-runtime-invocation-id") != invocation.nonce:
            self.api.faults.append(f"{self.path[3]} for {id} without its nonce")
        else:
            self.headers, self.invocation = headers, invocation
            invocation.begins(self)

    def receives(self, data):
        if self.invocation:
            self.invocation.receives(data)
        else:
            self.data.append(data)

    def breaks_off(self):
        if self.invocation:
            self.invocation.ends("cut", self.headers, {})

    def ends(self, trailers):
        invocation, self.invocation = self.invocation, None
        match self.path:
            case ["runtime", "invocation", "next"] if self.api.fails:
                self.api.fails(self)
            case ["runtime", "invocation", "next"]:
                self.api.polls.append(self)
                self.api.deliver()
            case ["runtime", "invocation", _, kind] if invocation:
                status = 400 if kind == "response" and not self._is_response() else invocation.status
                self._reply(status, OK)
                invocation.ends(kind, self.headers, trailers)
            case ["runtime", "invocation", *_]:
                self._reply(400, b'{"errorType":"InvalidRequestID"}')
            case ["runtime", "init", "error"]:
                self.api.init_errors.append(Answer("error", messages.fields(self.head), b"".join(self.data), trailers))
                self._reply(202, OK)
            case ["extension", *rest]:
                self._extension(rest, messages.fields(self.head))
            case _:
                self.api.faults.append(f"no such path: {self.path}")
                self._reply(404, OK)

    def _is_response(self):
        """Without a mode, Lambda takes a whole document. In both cases other headers would lose the response."""
        mode = self.headers.get("lambda-runtime-function-response-mode")
        if mode == "streaming":
            return True
        length, content_type = self.headers.get("content-length"), self.headers.get("content-type")
        if mode is None and length is not None and content_type == "application/json":
            return True
        self.api.faults.append(f"the response mode {mode!r}, content length {length}, and content type {content_type}")
        return False

    def _extension(self, path, headers):
        """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html; a poll is held open."""
        if path == ["register"] and headers.get("lambda-extension-name"):
            self.api.extensions.append((headers["lambda-extension-name"], b"".join(self.data)))
            self._reply(200, b"{}", b"Lambda-Extension-Identifier: %s\r\n" % EXTENSION_ID.encode())
        elif path == ["event", "next"] and headers.get("lambda-extension-identifier") == EXTENSION_ID:
            self.api.extension_polls += 1
        else:
            self.api.faults.append(f"extension: {path}")
            self._reply(403, b'{"errorType":"Extension.InvalidExtensionIdentifier"}')

    def _reply(self, status, body, more=b""):
        head = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
        self.send(head % (status, more, len(body)) + body)
