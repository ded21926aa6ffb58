"""If the Runtime API fails, the program exits with one sentence, so that Lambda starts another."""

import http.server
import subprocess
import threading

import programs
import pytest

TABLE = "s: {url: https://api.example/v1}\n"


class Polls(http.server.ThreadingHTTPServer):
    """A Runtime API that refuses the last of the expected polls, and leaves the others open."""

    daemon_threads = True

    def __init__(self, expected, status):
        super().__init__(("127.0.0.1", 0), Refusal)
        self.left = threading.Semaphore(expected - 1)
        self.status = status
        self.closing = threading.Event()


class Refusal(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.server.left.acquire(blocking=False):
            self.server.closing.wait()
        elif self.server.status:
            self.send_error(self.server.status)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(("status", "words"), [(403, "403"), (500, "500"), (None, "can't be reached")])
@pytest.mark.parametrize("slots", [1, 3])
def test_a_failed_poll_ends_the_program_while_other_polls_wait(tmp_path, slots, status, words):
    table = tmp_path / "servers.yaml"
    table.write_text(TABLE)
    with Polls(slots, status) as api:
        threading.Thread(target=api.serve_forever, args=[0.01], daemon=True).start()
        variables = programs.environment(
            AWS_LAMBDA_RUNTIME_API="127.0.0.1:%d" % api.server_port,
            AWS_LAMBDA_MAX_CONCURRENCY=str(slots),
            OPENAI_SERVERS_FILE=str(table),
        )
        done = subprocess.run(
            [programs.BOOTSTRAP], env=variables, capture_output=True, text=True, timeout=programs.PATIENCE
        )
        api.closing.set()
        api.shutdown()
    assert done.returncode == 1
    assert words in done.stderr.splitlines()[-1]
