"""Runs a client's file in a virtual environment of its own."""

import contextlib
import json
import os
import pathlib
import selectors
import shutil
import subprocess
import sys
import tempfile

import checks
import programs

HERE = pathlib.Path(__file__).resolve().parent
INSTALLED = programs.ROOT / ".build-clients"
GUARDED = ["setpriv", "--pdeathsig", "KILL"]  # The child ends with this process, however that ends.
PATIENCE = 60  # Seconds for one call, including the client's own retries.


class Failed(Exception):
    """A sentence about a client that can't be tried at all."""


def install(client):
    """Make the client's environment, unless it exists with exactly these packages; return its Python."""
    folder = INSTALLED / client.title.replace(" ", "-")
    stamp, wanted = folder / "installed", client.packages
    python = folder / "bin" / "python"
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    if client.packages:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python, "install", "--quiet"]
        if subprocess.run([*GUARDED, *pip, *client.packages.split()]).returncode:
            raise Failed("pip could not install it, see above")
    stamp.write_text(wanted)
    return python


class Process:
    """A client's file, which runs in the client's environment and makes one call after the other."""

    def __init__(self, client, python, origin, home):
        # Without this machine's settings, and without anything that an earlier client has left behind.
        environment = {"PATH": os.environ["PATH"], "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", **client.switches}
        values = f"{origin}/environment{client.suffix}", checks.KEY
        environment |= dict(zip(client.variables, values, strict=False))
        self.log = tempfile.TemporaryFile("w+", dir=home)
        self.process = subprocess.Popen(
            [*GUARDED, python, HERE / "probe.py", HERE / client.file],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment, cwd=home,
        )  # fmt: skip
        try:
            self.functions = self._line()["functions"]
        except Failed:
            self.close()
            raise

    def call(self, function, *arguments):
        with contextlib.suppress(BrokenPipeError):  # Then there is no answer either.
            print(json.dumps({"function": function, "arguments": arguments}), file=self.process.stdin, flush=True)
        return self._line()

    def end(self):
        """Let the program end; return all hosts that it has looked up."""
        self.process.stdin.close()
        return self._line()["strangers"]

    def _line(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(PATIENCE):
                raise Failed(f"it says nothing for {PATIENCE} s")
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            raise Failed("it ended: " + (self.log.read().strip().splitlines() or ["without a word"])[-1])
        return json.loads(line)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()
