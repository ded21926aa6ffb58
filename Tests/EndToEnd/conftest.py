"""What the end-to-end tests share: one proxy with one table, one scripted upstream, one small model."""

import functools
import hashlib
import socket
import ssl

import calls
import openai
import programs
import pytest
import trustme
import upstream as scripted

UPSTREAM_TOKEN = "the-token-of-the-upstream"
HASHED_KEY = "a-key-that-is-only-known-by-its-hash"

TABLE = """
scripted:      {{url: "{up}/v1", token: "${{UPSTREAM_TOKEN}}", model: table-model}}
tokenless:     {{url: "{up}/v1", model: ""}}
impatient:     {{url: "{up}/v1", token: other, timeout: 0.3}}
speech:        {{url: "{up}/v1", token: other, endpoints: [audio/speech, "files/*"]}}
reverse:       {{url: "{up}/root", token: raw-token, reverse_proxy: true, auth_header: X-aws-proxy-auth}}
forwarding:    {{url: "{up}/v1", token: other, forward_headers: [OpenAI-Organization]}}
aliased:       {{api_base: "{up}/v1/", api_key: alias-token, model: alias-model}}
refusing:      {{url: "http://127.0.0.1:{closed}/v1", token: secret-of-refusing}}
untrusted:     {{url: "{tls}/v1", token: secret-of-untrusted}}
unresolvable:  {{url: "http://nowhere.invalid/v1", token: secret-of-unresolvable}}
incomplete:    {{url: "{up}/v1", token: "${{A_VARIABLE_THAT_IS_NOT_SET}}"}}
local:         {{url: "{local}", model: smollm2}}
settings:
  virtual_keys:
    - {{name: tests, key: "${{TEST_KEY}}"}}
    - {{name: hashed, key_hash: {hash}}}
"""


@pytest.fixture(scope="session")
def session_upstream():
    server = scripted.Upstream()
    yield server
    server.close()


@pytest.fixture
def upstream(session_upstream):
    """The scripted upstream, which knows nothing of earlier tests."""
    session_upstream.forget()
    yield session_upstream
    failures = session_upstream.forget()
    assert not failures, failures


@pytest.fixture(scope="session")
def closed_port():
    """A port that is taken, but where nothing listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.fixture(scope="session")
def untrusted():
    """An https upstream whose certificate nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server = scripted.Upstream(tls=context)
    yield server
    server.close()


@pytest.fixture(scope="session")
def model_url():
    """Where the small real model answers."""
    program = programs.Program(programs.ROOT / ".venv/bin/python", programs.ROOT / "scripts/model_server.py")
    try:
        yield program.first_line("Model server: ")
    finally:
        program.stop()


@pytest.fixture(scope="session")
def table(session_upstream, closed_port, untrusted, model_url):
    digest = hashlib.sha256(HASHED_KEY.encode()).hexdigest()
    up = session_upstream.origin
    return TABLE.format(up=up, closed=closed_port, tls=untrusted.origin, local=model_url, hash=digest)


@pytest.fixture(scope="session")
def start():
    """Start a function URL with a table: `start(table, "--concurrency", 2, NAME="value")`."""
    started = []

    def start(table, *options, **variables):
        variables = {"TEST_KEY": calls.KEY, "UPSTREAM_TOKEN": UPSTREAM_TOKEN, **variables}
        started.append(programs.FunctionURL(table, *options, **variables))
        return started[-1]

    yield start
    for program in started:
        program.stop()


@pytest.fixture(scope="session")
def proxy(start, table):
    """The proxy that most tests call."""
    return start(table)


@pytest.fixture
def call(proxy):
    """Call the proxy without an SDK."""
    return functools.partial(calls.call, proxy.origin)


@pytest.fixture
def sdk(proxy):
    """OpenAI's SDK for a server of the table: `sdk("scripted")`."""
    return functools.partial(client, openai.OpenAI, proxy.origin)


@pytest.fixture
def async_sdk(proxy):
    return functools.partial(client, openai.AsyncOpenAI, proxy.origin)


def client(kind, origin, server="scripted", key=calls.KEY, **options):
    """A client that tries once, so that a test sees each answer."""
    return kind(base_url=f"{origin}/{server}/v1", api_key=key, max_retries=0, timeout=calls.PATIENCE, **options)
