"""What is measured: the proxy, the floors, and other proxies."""

import dataclasses
import os
import pathlib
import shutil

from . import setup
from .paths import FLOOR, OWN_FLOOR, PEERS, PROXY, PROXY_WITH_NAMES


@dataclasses.dataclass(frozen=True)
class Subject:
    name: str
    kind: str  # as the harness names it
    command: tuple = ()
    folder: pathlib.Path = PEERS  # where it runs
    path: str = ""  # is put in front of PATH
    is_slow_to_start: bool = False  # gets fewer rounds
    size: tuple = ()  # the files and folders that it consists of, without interpreters
    only: tuple = ()  # the names of its scenarios; none: all except those that are for some subjects only
    variables: tuple = ()  # its environment, as NAME=value, beside what the harness sets
    arguments: tuple = ()  # of the harness, in each scenario

    def environment(self):
        return {**os.environ, "PATH": f"{self.path}:{os.environ['PATH']}" if self.path else os.environ["PATH"]}


DIRECT = "no proxy"
PROXY_NAME = "this proxy"
TLS_NAME = "this proxy, TLS to the upstream"  # for its memory only
BEDROCK_NAME = "this proxy, Bedrock"  # for what signing and translating cost
FLOOR_NAME = "C floor"
OWN_FLOOR_NAME = "C floor, our libcurl"
OWN_FLOOR_SCENARIOS = ("warm", "cold", "full", "paced", "plain", "one", "thousand")
NODE = "Node handler"
PYTHON = "Python bootstrap"
GO = "ferrogw"
RUST = "rolter"
LITELLM = "LiteLLM"


def available():
    """The subjects that can be measured here, and for each of the others a line that says why not."""
    subjects = [
        Subject(DIRECT, "direct"),
        Subject(PROXY_NAME, "lambda", (PROXY,), PEERS / "swift", size=(PROXY,)),
        Subject(TLS_NAME, "lambda", (PEERS / "swift" / "with-tls", PROXY), only=("tls",)),
        _bedrock(PROXY),
        Subject(FLOOR_NAME, "lambda", (FLOOR,), size=(FLOOR,)),
        Subject(OWN_FLOOR_NAME, "lambda", (OWN_FLOOR,), size=(OWN_FLOOR,), only=OWN_FLOOR_SCENARIOS),
    ]
    skipped = []
    if shutil.which("node"):
        bootstrap = PEERS / "node" / "bootstrap"
        subjects.append(Subject(NODE, "lambda", (bootstrap,), PEERS / "node", size=(bootstrap,)))
    else:
        skipped.append(f"{NODE}: skipped, there is no `node` on this machine (20 or later)")
    for name, kind, peer, slow in [
        (PYTHON, "lambda", "python", False),
        (GO, "gateway", "ferrogw", False),
        (RUST, "gateway", "rolter", False),
        (LITELLM, "gateway", "litellm", True),
    ]:
        venv, reason = setup.install(peer)
        if reason:
            skipped.append(f"{name}: skipped, {reason}")
            continue
        program = PEERS / peer / ("bootstrap" if kind == "lambda" else "start")
        size = (program, *_packages(venv, peer))
        subjects.append(Subject(name, kind, (program,), PEERS / peer, str(venv / "bin"), slow, size))
    return subjects, skipped


def with_names():
    """The proxy with the names of its functions, for callgrind."""
    return Subject(PROXY_NAME, "lambda", (PROXY_WITH_NAMES,), PEERS / "swift")


def bedrock_with_names():
    """The same, with Bedrock as the provider."""
    return _bedrock(PROXY_WITH_NAMES)


def _bedrock(program):
    variables = (
        "OPENAI_SERVERS_FILE=bedrock.yaml",
        # AWS's own examples.
        "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_SESSION_TOKEN=IQoJb3JpZ2luX2VjEXAMPLETOKEN",
    )
    folder, scenarios = PEERS / "swift", ("full", "paced")
    return Subject(
        BEDROCK_NAME, "lambda", (program,), folder, only=scenarios, variables=variables, arguments=("--bedrock",)
    )


def _packages(venv, peer):
    if peer in ("ferrogw", "rolter"):
        return (venv / "bin" / peer,)
    unneeded = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence")
    packages = next(venv.glob("lib/python*/site-packages")).iterdir()
    return tuple(path for path in packages if not path.name.startswith(unneeded))
