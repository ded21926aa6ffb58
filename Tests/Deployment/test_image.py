"""The Dockerfile makes an image that Lambda can run. `container_tools` builds and runs it."""

import os
import signal
import subprocess
import tempfile
import threading

import container_tools
import one_event
import pytest
from invocations import Answer

TOOL, MISSING = container_tools.found()
IMAGE = "openai-proxy-test"
CLIENT_KEY = "the-client-key-of-this-test"
TO_BUILD, TO_ANSWER, TO_END = 3600, 120, 60  # Seconds: reached only if something is broken.

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=MISSING or "it can be built"),
    pytest.mark.timeout(TO_BUILD + TO_ANSWER),
]

# GET /nosuch/v1/models without a key, as a function URL sends it.
EVENT = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/nosuch/v1/models",
    "rawQueryString": "",
    "headers": {"accept": "application/json", "host": "abc.lambda-url.us-east-1.on.aws", "x-forwarded-proto": "https"},
    "requestContext": {
        "accountId": "anonymous",
        "apiId": "abc",
        "domainName": "abc.lambda-url.us-east-1.on.aws",
        "http": {
            "method": "GET",
            "path": "/nosuch/v1/models",
            "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.1",
            "userAgent": "curl/8.0",
        },
        "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
        "routeKey": "$default",
        "stage": "$default",
        "timeEpoch": 1770000000000,
    },
    "isBase64Encoded": False,
}


@pytest.fixture(scope="module")
def image(root):
    command = TOOL.build_command(str(root), IMAGE)
    done = subprocess.run(command, capture_output=True, text=True, timeout=TO_BUILD)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return IMAGE


def inside(image, program, *arguments):
    command = TOOL.run_command(image, program, arguments)
    done = subprocess.run(command, capture_output=True, text=True, timeout=TO_ANSWER)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_program_finds_the_few_libraries_that_it_needs(image):
    libraries = inside(image, "/usr/bin/ldd", "/var/task/bootstrap.bin")
    assert "not found" not in libraries
    named = {line.split()[0].rpartition("/")[2] for line in libraries.splitlines()}
    assert {name for name in named if not name.startswith(("linux-vdso", "ld-linux-"))} == {
        "libc.so.6",
        "libm.so.6",
        "libgcc_s.so.1",
    }


def test_the_image_has_the_certificates_and_nothing_from_the_build(image):
    inside(image, "/usr/bin/test", "-s", "/etc/ssl/certs/ca-certificates.crt")
    # By hash, as OpenSSL looks for them: each is a link to a file.
    inside(image, "/bin/sh", "-c", "ls /etc/ssl/certs/*.0 && cat /etc/ssl/certs/*.0 >/dev/null")
    inside(image, "/bin/sh", "-c", "! ls /usr/lib/*/libssl.so* /usr/lib/*/libcurl.so* 2>/dev/null")
    inside(image, "/usr/bin/test", "-s", "/var/task/licenses/ca-certificates")
    assert set(inside(image, "/bin/ls", "-A", "/var/task").split()) == {
        "bootstrap",
        "bootstrap.bin",
        "licenses",
        "openai_servers.yaml",
        "LICENSE",
    }


def test_lambdas_user_can_read_the_server_table(image, root):
    assert inside(image, "/bin/cat", "/var/task/openai_servers.yaml") == (root / "openai_servers.yaml").read_text()


def test_started_as_lambda_starts_it_the_image_refuses_a_caller_without_a_key(image):
    with one_event.serving(EVENT) as api, started(image, api):
        answer = api.outcome.get(timeout=TO_ANSWER)
    assert isinstance(answer, Answer), answer

    assert answer.kind == "response", answer.raw
    assert answer.headers["lambda-runtime-function-response-mode"] == "streaming"
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.headers["content-type"] == "application/vnd.awslambda.http-integration-response"

    assert answer.status == 401
    assert answer.code == "invalid_api_key"
    assert CLIENT_KEY.encode() not in answer.raw


class started:
    """Runs the image until the block is left. If it exits by itself, that is put where the answer is awaited."""

    def __init__(self, image, api):
        self.api = api
        variables = {"AWS_LAMBDA_RUNTIME_API": api.address, "PROXY_CLIENT_KEY": CLIENT_KEY}
        self.command = TOOL.run_command(image, **variables)

    def __enter__(self):
        self.log = tempfile.TemporaryFile("w+")
        # In a group of its own, so that its children end with it.
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)
        self.watcher = threading.Thread(target=self.watch)
        self.watcher.start()

    def watch(self):
        status = self.process.wait()
        self.log.seek(0)
        self.api.outcome.put(f"the program ended with status {status} and without an answer: {self.log.read()}")

    def __exit__(self, *_):
        try:
            self.process.terminate()
            self.watcher.join(TO_END)
        finally:
            if self.watcher.is_alive():
                os.killpg(self.process.pid, signal.SIGKILL)
                self.watcher.join()
            self.log.close()
