"""Fixtures of the end-to-end tests: one proxy with one table, one scripted upstream, one small model."""

import functools
import hashlib
import socket

import answers
import bedrock as scripted_bedrock
import bedrock_servers
import calls
import certificates
import issuers
import moto_server
import openai
import programs
import pytest
import sdks
import signing_keys
import tables
import trustme
import upstream as scripted


def pytest_report_header():
    """Show which program is tested: the suite runs with more than one."""
    return f"program: {programs.BOOTSTRAP}"


@pytest.fixture(scope="session")
def closed_port():
    """A port that is in use, but where nothing listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.fixture(scope="session")
def untrusted():
    """An https upstream with an untrusted certificate."""
    server = scripted.Upstream(tls=certificates.server_context(trustme.CA()))
    yield server
    server.close()


@pytest.fixture(scope="session")
def model_url():
    """The address of the small real model.

    It has one thread. Several wait for each other in busy loops, which makes them many times slower on a busy machine.
    """
    server = programs.ROOT / "scripts/model_server.py"
    program = programs.Program(programs.ROOT / ".venv/bin/python", server, "--threads", 1)
    try:
        yield program.first_line("Model server: ")
    finally:
        program.stop()


@pytest.fixture(scope="session")
def table(session_upstream, closed_port, untrusted, model_url):
    digest = hashlib.sha256(tables.HASHED_KEY.encode()).hexdigest()
    up = session_upstream.origin
    return tables.TABLE.format(up=up, closed=closed_port, tls=untrusted.origin, local=model_url, hash=digest)


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
    return functools.partial(sdks.client, openai.OpenAI, proxy.origin)


@pytest.fixture
def async_sdk(proxy):
    return functools.partial(sdks.client, openai.AsyncOpenAI, proxy.origin)


@pytest.fixture(scope="session")
def moto():
    with moto_server.running() as server:
        yield server


@pytest.fixture
def dynamodb(moto):
    """DynamoDB with an empty table."""
    moto.forget()
    return moto


@pytest.fixture(scope="session")
def issuer():
    """An issuer of tokens with one key of each kind, which behaves well."""
    with issuers.running(*signing_keys.all_published()) as issuer:
        yield issuer


@pytest.fixture
def answering(upstream):
    """The scripted upstream, which answers every chat completion."""
    upstream.always = answers.plain(answers.completion())
    return upstream


@pytest.fixture(scope="session")
def session_bedrock():
    server = scripted_bedrock.Bedrock()
    yield server
    server.close()


@pytest.fixture
def bedrock(session_bedrock):
    """The scripted Bedrock. A request that AWS would refuse fails the test, unless the test asks what was refused."""
    session_bedrock.forget()
    yield session_bedrock
    failures = session_bedrock.forget()
    assert not failures, failures


@pytest.fixture(scope="session")
def bedrock_proxy(start, session_bedrock, session_upstream):
    """A proxy whose servers are on the scripted Bedrock."""
    return start(bedrock_servers.table(session_bedrock, session_upstream), **session_bedrock.account.variables)


@pytest.fixture
def bedrock_sdk(bedrock_proxy):
    """OpenAI's SDK for a server on Bedrock: `bedrock_sdk("priced")`."""

    def client(server="bedrock", **options):
        return sdks.client(openai.OpenAI, bedrock_proxy.origin, server, **options)

    return client
