"""Starts the compiled programs for tests, and never leaves them running."""

import os
import pathlib
import subprocess
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build" / "debug"
BOOTSTRAP = pathlib.Path(os.environ.get("PROXY_PROGRAM", BUILD / "bootstrap")).resolve()
# Seconds after which something is considered to hang. Every wait in the tests has this bound and no shorter one,
# because on a busy machine anything may be slow.
PATIENCE = 120
# The same for what makes thousands of requests or runs many tests. It is below the limit of one test in pytest.ini.
LONG_PATIENCE = 4 * PATIENCE


# Prefixes of variables that change what the proxy or a script of the project does or prints.
THEIRS = (
    "AWS_", "LAMBDA_", "OPENAI_", "PROXY_", "PYTEST_", "SSL_CERT_",
    "LOCAL_URL", "PORT", "MODEL_PORT", "CONFIGURATION", "VERBOSE", "ARTIFACTS_DIR",
    "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLORTERM",
)  # fmt: skip
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def named_as(beginnings):
    """The names of this process's variables with these prefixes."""
    return [name for name in os.environ if name.startswith(beginnings)]


def environment(**variables):
    """This process's environment, without variables that change the proxy's behaviour."""
    theirs = {*named_as(THEIRS), *(name for name in os.environ if name.lower() in PROXIES)}
    ours = {name: value for name, value in os.environ.items() if name not in theirs}
    return {**ours, **variables}


class Program:
    """A process whose stderr is collected as its log; with `merged`, its stdout too.

    It ends with its parent at the latest.
    """

    def __init__(self, *command, merged=False, **options):
        guarded = ["setpriv", "--pdeathsig", "TERM", *map(str, command)]
        self.lines = []
        self.grown = threading.Condition()
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT if merged else subprocess.PIPE}
        self.process = subprocess.Popen(guarded, stdin=subprocess.DEVNULL, encoding="utf-8", **options)
        self.collector = threading.Thread(target=self._collect, daemon=True)
        self.collector.start()

    def _collect(self):
        for line in self.process.stderr or self.process.stdout:
            with self.grown:
                self.lines.append(line)
                self.grown.notify_all()

    @property
    def log(self):
        return "".join(self.lines)

    def log_with(self, text):
        """Wait until the log has this text, and return the whole log."""
        return self.log_where(lambda log: text in log, text)

    def log_where(self, holds, what):
        """Wait until a condition is true of the log, because it isn't read at once."""
        with self.grown:
            assert self.grown.wait_for(lambda: holds(self.log), PATIENCE), f"{what!r} is not in the log:\n{self.log}"
            return self.log

    def first_line(self, beginning):
        """Return what follows this prefix in the first line on stdout."""
        line = self.process.stdout.readline()
        assert line.startswith(beginning), f"it did not start: {line!r}\n{self.finished_log()}"
        return line.removeprefix(beginning).strip()

    def finished_log(self):
        self.process.wait(PATIENCE)
        self.collector.join(PATIENCE)
        return self.log

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.collector.join(PATIENCE)
            self.process.stdout.close()


class LocalDoor(Program):
    """`function-url` in a folder of its own, with these files and this runtime as its child.

    Its log is the runtime's, too. `origin` is its address.
    """

    def __init__(self, runtime, *options, files, title="Function URL", **variables):
        self.folder = tempfile.TemporaryDirectory(prefix="proxy-test-")
        for name, text in files.items():
            (pathlib.Path(self.folder.name) / name).write_text(text)
        super().__init__(
            BUILD / "function-url", "--port", 0, *options, runtime,
            env=environment(**variables), cwd=self.folder.name,
        )  # fmt: skip
        self.origin = self.first_line(f"{title}: ")

    @property
    def port(self):
        return int(self.origin.rsplit(":", 1)[1])

    def stop(self):
        children = self.children
        super().stop()
        self.folder.cleanup()
        left = [child for child in children if is_alive(child)]
        assert not left, f"function-url left its children {left} behind"

    @property
    def children(self):
        """The process ids of the runtimes that are running."""
        return {pid for pid in processes() if parent_of(pid) == self.process.pid}


class FunctionURL(LocalDoor):
    """The local function URL with the proxy as its child, with this table of servers.

    The proxy logs in JSON, as it does when it is deployed.
    """

    def __init__(self, table, *options, **variables):
        # The proxy's working folder is this program's.
        variables = {"OPENAI_SERVERS_FILE": "openai_servers.yaml", "AWS_LAMBDA_LOG_FORMAT": "JSON", **variables}
        super().__init__(BOOTSTRAP, *options, files={"openai_servers.yaml": table}, **variables)


def processes():
    return [int(entry.name) for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid):
    """Return the state and the fields after it. The name in front of them may contain anything."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def parent_of(pid):
    stat = _stat(pid)
    return stat and int(stat[1])


def is_alive(pid):
    stat = _stat(pid)
    return bool(stat) and stat[0] != "Z"


def resident_bytes(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def peak_bytes(pid):
    """The peak of resident memory."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))
