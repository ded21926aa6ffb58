"""What is measured: the proxy, the floors, and other proxies."""

import dataclasses
import os
import pathlib
import shutil

from . import setup
from .paths import BUILD, FLOOR, OWN_FLOOR, PEERS, PROXY, PROXY_WITH_NAMES


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
    also: tuple = ()  # the names of scenarios for some subjects that it takes too
    variables: tuple = ()  # its environment, as NAME=value, beside what the harness sets
    arguments: tuple = ()  # of the harness, in each scenario
    has_cache: bool = False  # whether it answers the same request again by itself

    def environment(self):
        return {**os.environ, "PATH": f"{self.path}:{os.environ['PATH']}" if self.path else os.environ["PATH"]}


DIRECT = "no proxy"
PROXY_NAME = "this proxy"
TLS_NAME = "this proxy, TLS to the upstream"  # for its memory only
BEDROCK_NAME = "this proxy, Bedrock"  # for what signing and translating cost
MEMORY_CACHE = "this proxy, cache in memory"
TMP_CACHE = "this proxy, cache in /tmp"
DYNAMODB_CACHE = "this proxy, cache in DynamoDB"
FLOOR_NAME = "C floor"
OWN_FLOOR_NAME = "C floor, our libcurl"
CACHE_SCENARIOS = ("hit-stream", "miss-stream", "hit-plain", "miss-plain")
OWN_FLOOR_SCENARIOS = ("warm", "cold", "full", "paced", "plain", "one", "thousand")
NODE = "Node handler"
PYTHON = "Python bootstrap"
GO = "ferrogw"
GO_CACHE = "ferrogw, its cache"
RUST = "rolter"
LITELLM = "LiteLLM"
LITELLM_CACHE = "LiteLLM, its cache"
WITH_CACHES = {GO: GO_CACHE, LITELLM: LITELLM_CACHE}
CACHES = (MEMORY_CACHE, TMP_CACHE, DYNAMODB_CACHE, *WITH_CACHES.values())


def available():
    """The subjects that can be measured here, and for each of the others a line that says why not."""
    subjects = [
        Subject(DIRECT, "direct"),
        Subject(PROXY_NAME, "lambda", (PROXY,), PEERS / "swift", size=(PROXY,), also=CACHE_SCENARIOS),
        Subject(TLS_NAME, "lambda", (PEERS / "swift" / "with-tls", PROXY), only=("tls",)),
        _bedrock(PROXY),
        _cached(MEMORY_CACHE, (PROXY,), "cache_memory.yaml", only=("warm", *CACHE_SCENARIOS)),
        # Its files, in the folder of the build.
        _cached(TMP_CACHE, (PROXY,), "cache_tmp.yaml", only=CACHE_SCENARIOS, variables=(f"TMPDIR={BUILD}",)),
        Subject(FLOOR_NAME, "lambda", (FLOOR,), size=(FLOOR,)),
        Subject(OWN_FLOOR_NAME, "lambda", (OWN_FLOOR,), size=(OWN_FLOOR,), only=OWN_FLOOR_SCENARIOS),
    ]
    skipped = []
    if shutil.which("node"):
        bootstrap = PEERS / "node" / "bootstrap"
        subjects.append(Subject(NODE, "lambda", (bootstrap,), PEERS / "node", size=(bootstrap,)))
    else:
        skipped.append(f"{NODE}: skipped, there is no `node` on this machine (20 or later)")
    venv, reason = setup.install("moto")
    if reason:
        skipped.append(f"{DYNAMODB_CACHE}: skipped, {reason}")
    else:
        command = (PEERS / "swift" / "with-dynamodb", PROXY)
        cached = _cached(DYNAMODB_CACHE, command, "cache_dynamodb.yaml", only=CACHE_SCENARIOS, path=str(venv / "bin"))
        subjects.insert(6, cached)
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
        if name in WITH_CACHES:
            subjects.append(_with_cache(subjects[-1]))
    return subjects, skipped


def with_names():
    """The proxy with the names of its functions, for callgrind."""
    return Subject(PROXY_NAME, "lambda", (PROXY_WITH_NAMES,), PEERS / "swift")


def bedrock_with_names():
    """The same, with Bedrock as the provider."""
    return _bedrock(PROXY_WITH_NAMES)


def cached_with_names():
    """The same, with the cache in memory."""
    return _cached(MEMORY_CACHE, (PROXY_WITH_NAMES,), "cache_memory.yaml")


def users_with_names():
    """The same, for users with tokens."""
    variables = ("OPENAI_SERVERS_FILE=users.yaml",)
    return Subject(f"{PROXY_NAME}, users", "lambda", (PROXY_WITH_NAMES,), PEERS / "swift", variables=variables)


def _cached(name, command, table, path="", only=(), variables=()):
    variables = (f"OPENAI_SERVERS_FILE={table}", *variables)
    return Subject(name, "lambda", command, PEERS / "swift", path, only=only, variables=variables, has_cache=True)


def _with_cache(peer):
    """A gateway with a cache of its own, in memory."""
    changes = {"name": WITH_CACHES[peer.name], "size": (), "only": CACHE_SCENARIOS, "has_cache": True}
    return dataclasses.replace(peer, **changes, variables=("CONFIG=cache.yaml",))


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
