"""Measure the program as Lambda would run it: size, start, and memory while it streams.

usage: measure.py PROGRAM

PROGRAM is the stripped release build. Prints one line a figure. The Runtime API and the upstream are played here, on
loopback, by raw sockets, so that what is counted is the program's.
"""

import json
import os
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

STARTS = 41
EVENTS = 1000
KEY = "key-for-measuring-only"


def listen():
    server = socket.create_server(("127.0.0.1", 0))
    return server, server.getsockname()[1]


def read_until(connection, end):
    data = b""
    while not data.endswith(end):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError(f"closed after {data[-80:]!r}")
        data += piece
    return data


class Program:
    """The program, started against a Runtime API that is played here."""

    def __init__(self, path, upstream_port, scheme="http", **variables):
        self.api, port = listen()
        self.others = []
        self.table = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        json.dump(  # JSON is YAML.
            {
                "s": {"url": f"{scheme}://127.0.0.1:{upstream_port}/v1"},
                "settings": {"virtual_keys": [{"name": "k", "key": KEY}]},
            },
            self.table,
        )
        self.table.flush()
        environment = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
            "OPENAI_SERVERS_FILE": self.table.name,
            **variables,
        }
        self.started = time.perf_counter()
        self.process = subprocess.Popen([path], env=environment, close_fds=False)

    def first_poll(self):
        """Answer the registration of an extension, and leave its own poll open."""
        registration, _ = self.api.accept()
        read_until(registration, b"}")
        answer = "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        registration.sendall(answer.encode())
        registration.close()
        while True:
            connection, _ = self.api.accept()
            if b"/invocation/next" in read_until(connection, b"\r\n\r\n"):
                self.connection = connection
                return (time.perf_counter() - self.started) * 1000
            self.others.append(connection)

    def invoke(self):
        event = json.dumps(
            {
                "rawPath": "/s/v1/chat/completions",
                "headers": {"x-api-key": KEY},
                "requestContext": {"http": {"method": "POST"}},
                "body": '{"model":"m","stream":true}',
            }
        )
        head = f"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nContent-Length: {len(event)}\r\n\r\n"
        self.connection.sendall((head + event).encode())

    def resident_kilobytes(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    def stop(self):
        self.process.kill()
        self.process.wait()
        for connection in [self.connection, *self.others]:
            connection.close()
        self.api.close()
        self.table.close()


def start_times(path):
    times = []
    for _ in range(STARTS):
        program = Program(path, 1)
        times.append(program.first_poll())
        program.stop()
    return times


def resident_while_streaming(path, tls=None, scheme="http", **variables):
    upstream, port = listen()
    program = Program(path, port, scheme, **variables)
    program.first_poll()
    program.invoke()
    connection, _ = upstream.accept()
    if tls:
        connection = tls.wrap_socket(connection, server_side=True)
    read_until(connection, b'"stream":true}')
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    event = b'data: {"choices":[{"delta":{"content":"token"}}]}\n\n'
    for _ in range(EVENTS):
        connection.sendall(event)
        read_until(program.connection, b"\n\n\r\n")
    resident = program.resident_kilobytes()
    program.stop()
    return resident


def resident_with_tls(path):
    """As in the image: authorities in a folder, of which one is needed."""
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = f"{folder}/key", f"{folder}/certificate.pem"
        request = f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=u -keyout {key} -out {certificate}"
        subprocess.run([*request.split(), "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        subprocess.run(["openssl", "rehash", folder], check=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return resident_while_streaming(path, context, "https", SSL_CERT_DIR=folder)


def main():
    path = sys.argv[1]
    times = start_times(path)
    quartiles = statistics.quantiles(times, n=4)
    print(f"size, stripped:           {os.path.getsize(path) / 1e6:.2f} MB")
    spread = f"quartiles {quartiles[0]:.1f} to {quartiles[2]:.1f}"
    print(f"exec to first poll:       {quartiles[1]:.1f} ms, median of {STARTS}, {spread}")
    print(f"resident while streaming: {resident_while_streaming(path) * 1024 / 1e6:.1f} MB, after {EVENTS} events")
    print(f"the same with TLS:        {resident_with_tls(path) * 1024 / 1e6:.1f} MB")


main()
