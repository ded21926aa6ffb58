"""Measure the compiled proxy on this machine: its size, its start, and its memory.

Plays Lambda's Runtime API and a provider on 127.0.0.1; needs nothing but Python (and openssl for the TLS figure).
"""

import argparse
import http.server
import json
import os
import pathlib
import queue
import ssl
import statistics
import subprocess
import tempfile
import threading
import time

MEGABYTE = 1024 * 1024
KEY = "a-key-for-measuring"
EVENT = b'data: {"choices": [{"index": 0, "delta": {"content": "' + b"x" * 16_000 + b'"}}]}\n\n'
PATIENCE = 60


class Handler(http.server.BaseHTTPRequestHandler):
    """What both servers below have in common."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, *fields):
        self.send_response(200)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def read_chunks(self):
        """Read a chunked body to its end, trailers included; return its length."""
        length = 0
        while size := int(self.rfile.readline(), 16):
            length += len(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return length


class RuntimeAPI(Handler):
    """Hands out what is in `events`, and says in `answers` how long each answer was."""

    first_poll = events = answers = None

    def do_GET(self):
        RuntimeAPI.first_poll.put(time.perf_counter())
        event = RuntimeAPI.events.get()
        self.answer(json.dumps(event).encode(), ("Lambda-Runtime-Aws-Request-Id", "measure"))

    def do_POST(self):
        RuntimeAPI.answers.put(self.read_chunks())
        self.answer(b"{}")


class Provider(Handler):
    """Streams events: ten quickly, and on request as many as make 200 MB."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        total = 200 * MEGABYTE if "flood" in self.path else 10 * len(EVENT)
        for _ in range(0, total, len(EVENT)):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(EVENT), EVENT))
            if "flood" not in self.path:
                time.sleep(0.05)
        self.wfile.write(b"0\r\n\r\n")


class Program:
    """The proxy as Lambda starts it."""

    def __init__(self, path, address, table):
        RuntimeAPI.first_poll, RuntimeAPI.events, RuntimeAPI.answers = queue.Queue(), queue.Queue(), queue.Queue()
        variables = {"AWS_LAMBDA_RUNTIME_API": address, "OPENAI_SERVERS_FILE": table, "AWS_LAMBDA_LOG_LEVEL": "FATAL"}
        self.started = time.perf_counter()
        self.process = subprocess.Popen([path], env={**os.environ, **variables})

    def __enter__(self):
        self.milliseconds_to_first_poll = 1000 * (RuntimeAPI.first_poll.get(timeout=PATIENCE) - self.started)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def megabytes(self, what):
        """`VmRSS` is what is resident now, `VmHWM` the most that ever was."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split(f"{what}:")[1].split()[0]) * 1024 / 1e6

    def call(self, server, query=""):
        """Have a request served; return the largest resident size while it was."""
        RuntimeAPI.events.put(
            {
                "version": "2.0",
                "rawPath": f"/{server}/v1/chat/completions",
                "rawQueryString": query,
                "headers": {"authorization": f"Bearer {KEY}", "content-type": "application/json"},
                "requestContext": {"http": {"method": "POST"}},
                "body": '{"messages": [], "stream": true}',
            }
        )
        largest = 0
        while True:
            try:
                self.answered = RuntimeAPI.answers.get(timeout=0.02)
                return largest
            except queue.Empty:
                largest = max(largest, self.megabytes("VmRSS"))


def serve(handler, context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # A refused certificate or a killed program: both are meant to happen.
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def self_signed(folder):
    """A certificate that nobody trusts: to find that out, the proxy loads all that it does trust."""
    key, certificate = f"{folder}/key", f"{folder}/certificate"
    arguments = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", key]
    subprocess.run(["openssl", "req", *arguments, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def show(value, unit, what):
    print(f"{value:8.1f} {unit}  {what}", flush=True)


def measure(path, starts, folder):
    show(path.stat().st_size / 1e6, "MB", f"size of {path} ({path.stat().st_size} bytes)")
    address = f"127.0.0.1:{serve(RuntimeAPI)}"
    table = f"{folder}/openai_servers.yaml"
    pathlib.Path(table).write_text(
        f"plain: {{url: 'http://127.0.0.1:{serve(Provider)}'}}\n"
        f"tls: {{url: 'https://127.0.0.1:{serve(Provider, self_signed(folder))}'}}\n"
        f"settings: {{virtual_keys: [{{name: measure, key: {KEY}}}]}}\n"
    )
    times = []
    for _ in range(starts):
        with Program(path, address, table) as program:
            times.append(program.milliseconds_to_first_poll)
    show(statistics.median(times), "ms", f"from exec to the first call for work, median of {starts}")
    show(max(times), "ms", "the slowest of these")
    with Program(path, address, table) as program:
        show(program.megabytes("VmRSS"), "MB", "resident while idle")
        show(program.call("plain"), "MB", "resident while streaming, without TLS")
        program.call("plain", "flood")
        assert program.answered > 200 * MEGABYTE, program.answered
        show(program.megabytes("VmHWM"), "MB", "the most during a stream of 200 MB")
        program.call("tls")
        show(program.megabytes("VmHWM"), "MB", "the most once the CA certificates are loaded")
        program.call("plain")
        show(program.megabytes("VmRSS"), "MB", "resident after that")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--starts", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(arguments.program.resolve(), arguments.starts, folder)


if __name__ == "__main__":
    main()
