"""A Lambda Runtime API on loopback that gives out one event and takes what the program answers.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, and for a streamed answer
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming.
"""

import collections
import contextlib
import http.server
import json
import queue
import threading
import time

Answer = collections.namedtuple("Answer", "path headers body")

LAMBDA_TIMEOUT = 900


class RuntimeAPI(http.server.ThreadingHTTPServer):
    """`outcome` gets the program's Answer; whoever watches the program may put its end there."""

    daemon_threads = True

    def __init__(self, event):
        super().__init__(("127.0.0.1", 0), Handler)
        self.event = json.dumps(event).encode()
        self.outcome = queue.Queue()
        self.polls = threading.Semaphore(1)  # there is one event
        self.closing = threading.Event()

    @property
    def address(self):
        return "127.0.0.1:%d" % self.server_port


@contextlib.contextmanager
def serving(event):
    with RuntimeAPI(event) as api:
        thread = threading.Thread(target=api.serve_forever, args=[0.01], daemon=True)
        thread.start()
        try:
            yield api
        finally:
            api.closing.set()
            api.shutdown()
            thread.join()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if not self.path.endswith("/runtime/invocation/next") or not self.server.polls.acquire(blocking=False):
            # As on Lambda, a poll without an event is held: here until the test is over.
            self.server.closing.wait()
            self.close_connection = True
            return
        self.reply(
            200,
            self.server.event,
            {
                "Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + LAMBDA_TIMEOUT) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:111122223333:function:proxy",
                "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
            },
        )

    def do_POST(self):
        body = self.body()
        if self.path.startswith("/2020-01-01/extension/"):
            self.reply(200, b"{}", {"Lambda-Extension-Identifier": "24ca8fb1-7e0c-4c3c-9ae5-6f1b1ab3f0a5"})
            return
        self.reply(202, b'{"status":"OK"}')
        self.server.outcome.put(Answer(self.path, self.headers, body))

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            assert self.rfile.readline() == b"\r\n"
        while self.rfile.readline().strip():  # trailers
            pass
        return body

    def reply(self, status, body, headers=()):
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **dict(headers),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
