"""`make run`: what it prints works, and nothing that it starts outlives it."""

import contextlib
import os
import pty
import select
import signal
import socket
import subprocess

import programs
import pytest

PATIENCE = 600  # Seconds: `make run` builds first what has changed.
pytestmark = [pytest.mark.timeout(2 * PATIENCE), pytest.mark.debug_only]


class Run:
    """`make run` on a terminal of its own, as a person starts it."""

    def __init__(self, **variables):
        self.terminal, child = pty.openpty()
        self.shown = ""
        variables = {"PORT": "0", **variables}
        self.process = subprocess.Popen(
            ["setsid", "--ctty", "make", "run"],
            cwd=programs.ROOT,
            env=programs.environment(**variables),
            stdin=child,
            stdout=child,
            stderr=child,
        )
        os.close(child)

    def read_until(self, text=None):
        """Read what is shown up to a line that begins like this, or to the end; return it."""
        while text is None or not any(line.startswith(text) and line[-1] == "\n" for line in self._lines()):
            assert select.select([self.terminal], [], [], PATIENCE)[0], self.shown
            try:
                received = os.read(self.terminal, 65536)
            except OSError:  # how a terminal says that nobody else has it open
                received = b""
            if not received:
                assert text is None, self.shown
                break
            self.shown += received.decode(errors="replace").replace("\r\n", "\n")
        return self.shown

    def _lines(self):
        return self.shown.splitlines(keepends=True)

    def line(self, beginning):
        return next(line for line in self._lines() if line.startswith(beginning))

    def descendants(self):
        found = [self.process.pid]
        for pid in found:
            found += [child for child in programs.processes() if programs.parent_of(child) == pid]
        return found


@pytest.fixture
def make_run():
    runs = []

    def start(**variables):
        runs.append(Run(**variables))
        return runs[-1]

    yield start
    for run in runs:
        with watched(run):
            run.process.send_signal(signal.SIGTERM)
        run.process.wait(PATIENCE)
        os.close(run.terminal)


@contextlib.contextmanager
def watched(run):
    """Whatever happens inside, all processes of this run end soon."""
    left = {os.pidfd_open(pid): pid for pid in run.descendants() if programs.is_alive(pid)}
    yield list(left.values())
    while left:
        ended = select.select(list(left), [], [], programs.PATIENCE)[0]
        assert ended, f"still there: {[open(f'/proc/{pid}/cmdline').read() for pid in left.values()]}"
        for descriptor in ended:
            os.close(descriptor)
            del left[descriptor]


def press_ctrl_c(run):
    os.write(run.terminal, b"\x03")


def kill_make(run):
    run.process.kill()


def kill_the_script(run):
    (script,) = [pid for pid in programs.processes() if programs.parent_of(pid) == run.process.pid]
    os.kill(script, signal.SIGKILL)


def terminate_make(run):
    run.process.terminate()


@pytest.mark.parametrize("end", [press_ctrl_c, kill_make, kill_the_script, terminate_make])
def test_what_is_printed_works_and_everything_ends(make_run, end):
    run = make_run()
    run.read_until("curl ")
    run.read_until("    print(")
    command = (
        run.line("curl ").replace('"stream": true', '"stream": true, "max_tokens": 5').replace("curl", "curl -s", 1)
    )
    answer = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=PATIENCE)
    assert answer.stdout.count('"content"') >= 5, answer.stdout + run.shown
    assert answer.stdout.endswith("data: [DONE]\n\n")
    with watched(run) as processes:
        assert len(processes) >= 5, "make, the script, the model, the function URL and the proxy"
        end(run)


def test_a_busy_port_is_said_in_a_sentence(make_run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        run = make_run(PORT=str(port))
        shown = run.read_until()
    assert f"Port {port} is busy" in shown
    assert "make run PORT=" in shown
    assert run.process.wait(PATIENCE) != 0


def test_without_a_model_the_proxy_starts_for_the_other_servers(make_run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        run = make_run(MODEL_PORT=str(other.getsockname()[1]), PROXY_CLIENT_KEY="my-own-key")
        shown = run.read_until("curl ")
    assert "set MODEL_PORT to a free one" in shown
    assert "Going on without the server `local`" in shown
    assert "/openai/v1/" in run.line("curl ")
    assert "Bearer my-own-key" in run.line("curl ")
