"""`make run`: what it prints works, and nothing that it starts outlives it."""

import contextlib
import os
import pty
import re
import select
import signal
import socket
import subprocess

import answers
import calls
import programs
import pytest

PATIENCE = 600  # Seconds: `make run` first builds what has changed.
pytestmark = [pytest.mark.timeout(2 * PATIENCE), pytest.mark.debug_only]


class Run:
    """`make run` in a terminal of its own, as a person starts it."""

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
        """Read the output up to a line that begins like this, or to the end; return it."""
        begins = text and (lambda: any(line.startswith(text) and line[-1] == "\n" for line in self._lines()))
        return self.read_until_it(begins)

    def read_until_it(self, holds=None):
        """Read the output until this is true of it, or to the end; return it."""
        while not (holds and holds()):
            assert select.select([self.terminal], [], [], PATIENCE)[0], self.shown
            try:
                received = os.read(self.terminal, 65536)
            except OSError:  # how a terminal says that nobody else has it open
                received = b""
            if not received:
                assert holds is None, self.shown
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
def test_the_printed_command_works_and_everything_ends(make_run, end):
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


def test_a_busy_port_is_reported_in_a_sentence(make_run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        run = make_run(PORT=str(port))
        shown = run.read_until()
    assert f"Port {port} is in use" in shown
    assert "make run PORT=" in shown
    assert run.process.wait(PATIENCE) != 0


def test_without_a_model_the_proxy_starts_for_the_other_servers(make_run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        run = make_run(MODEL_PORT=str(other.getsockname()[1]), PROXY_CLIENT_KEY="my-own-key")
        shown = run.read_until("curl ")
    assert "Set MODEL_PORT to a free port" in shown
    assert "Continuing without the server `local`" in shown
    assert '"model": "openai/gpt-4o"' in run.line("curl ")
    assert "Bearer my-own-key" in run.line("curl ")


ESCAPE = "\x1b["


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_request_is_one_line_and_a_failure_has_its_reason_below(make_run, upstream, no_color):
    key = "a-key-of-the-test-0123456789"
    run = make_run(LOCAL_URL=f"{upstream.origin}/v1", PROXY_CLIENT_KEY=key, NO_COLOR=no_color, TERM="xterm")
    run.read_until("or in a browser: ")
    begun = len(run.shown)
    origin = run.line("curl ").split()[2].partition("/v1/")[0]
    usage = {"prompt_tokens": 18, "completion_tokens": 47}
    upstream.script(answers.plain({**answers.completion(), "model": "m-2026", "usage": usage}))
    assert calls.call(origin, "POST", "/local/v1/chat/completions", calls.chat(), key=key).status == 200
    assert calls.call(origin, "POST", "/local/v1/chat/completions", calls.chat(), key="wrong").status == 401
    assert calls.call(origin, "POST", "/openai/v1/chat/completions", calls.chat(), key=key).status == 500
    run.read_until_it(lambda: re.search(r"OPENAI_API_KEY\..*\(request .*\n", run.shown))
    shown = run.shown[begun:]
    assert (f"{ESCAPE}32m200{ESCAPE}0m POST" in shown) == (not no_color), shown
    assert (ESCAPE in shown) == (not no_color)
    lines = [re.sub(r"\x1b\[\d+m", "", line) for line in shown.splitlines()]
    begin = next(index for index, line in enumerate(lines) if "POST /" in line)
    lines = lines[begin : begin + 5]
    good, refused, reason, failed, failure = lines
    assert re.fullmatch(r"\d\d:\d\d:\d\d 200 POST /local/v1/chat/completions +default +m-2026 +18→47 tok +.* m?s", good)
    assert re.match(r"\d\d:\d\d:\d\d 401 POST /local/v1/chat/completions +none ", refused)
    assert reason.startswith("         caller_invalid_api_key: ")
    assert re.match(r"\d\d:\d\d:\d\d 500 POST /openai/v1/chat/completions +default ", failed)
    assert failure.startswith("         proxy_server_misconfigured: ")
    assert key not in shown and "_aws" not in shown


def test_a_build_shows_steps_and_no_compiler_lines(make_run):
    run = make_run(MODEL_PORT="1", LOCAL_URL="http://127.0.0.1:1/v1")
    run.read_until("curl ")
    run.read_until_it(lambda: "and start again\n" in run.shown)
    shown = run.shown
    for product in ("bootstrap", "function-url"):
        assert re.search(rf"^.*Building {product} \(debug\) +\d+ s$", shown, re.MULTILINE), shown
    assert "Compiling" not in shown and "Build of product" not in shown
    (warning,) = [line for line in shown.splitlines() if "can't be used until" in line]
    assert "openai (OPENAI_API_KEY)" in warning and "set OPENAI_API_KEY and start again" in warning
