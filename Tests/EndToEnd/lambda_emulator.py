"""AWS's own Runtime Interface Emulator, from the wheel of aws-sam-cli, running the proxy."""

import base64
import json
import os
import pathlib
import platform
import socket
import sysconfig
import time
import urllib.error
import urllib.request

import calls
import programs

ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
FOLDER = pathlib.Path(sysconfig.get_path("purelib")) / "samcli/local/rapid"
EMULATOR = FOLDER / f"aws-lambda-rie-{ARCHITECTURE}"
END_OF_PRELUDE = bytes(8)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class LambdaEmulator(programs.Program):
    """Accepts events like AWS's Invoke; `slots` makes it a managed instance."""

    def __init__(self, table, folder, bootstrap, slots=None):
        servers = folder / "openai_servers.yaml"
        servers.write_text(table)
        variables = {
            "OPENAI_SERVERS_FILE": str(servers),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(programs.PATIENCE),
            "TEST_KEY": calls.KEY,
        }
        if slots:
            variables["AWS_LAMBDA_MAX_CONCURRENCY"] = str(slots)
        self.port = free_port()
        emulator = EMULATOR
        if not os.access(EMULATOR, os.X_OK):  # pip keeps the mode only if the wheel has it
            emulator = folder / "emulator"
            emulator.write_bytes(EMULATOR.read_bytes())
            emulator.chmod(0o755)
        super().__init__(
            emulator,
            *("--runtime-interface-emulator-address", f"127.0.0.1:{self.port}"),
            *("--runtime-api-address", f"127.0.0.1:{free_port()}", "--log-level", "debug", bootstrap),
            env=programs.environment(**variables), cwd=folder, merged=True,
        )  # fmt: skip
        self._wait_until_it_listens()

    def _wait_until_it_listens(self):
        """Try its port, because no line in its log says that it is open."""
        deadline = time.monotonic() + programs.PATIENCE
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                assert time.monotonic() < deadline and programs.is_alive(self.process.pid), self.log
                time.sleep(0.01)

    def invoke(self, payload):
        """Return status, headers and body of an invocation."""
        url = f"http://127.0.0.1:{self.port}/2015-03-31/functions/function/invocations"
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        try:
            with urllib.request.urlopen(url, data, timeout=programs.PATIENCE) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.headers, answer.read()

    def ask(self, event):
        """Return the prelude and the body of a streamed answer."""
        status, _, body = self.invoke(event)
        assert status == 200, body
        prelude, mark, rest = body.partition(END_OF_PRELUDE)
        assert mark, f"no prelude: {body[:200]}"
        return json.loads(prelude), rest


def event(method, path, body=b"", key=calls.KEY, encode=False):
    """An event of a function URL, payload version 2.0."""
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"}
    text = base64.b64encode(body).decode() if encode else body.decode()
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"authorization": f"Bearer {key}", "content-type": "application/json"},
        "requestContext": {"http": http, "requestId": "r", "stage": "$default", "timeEpoch": 1},
        "body": text,
        "isBase64Encoded": encode,
    }
