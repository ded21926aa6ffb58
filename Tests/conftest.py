"""The tests' results don't depend on the variables and signals of whoever calls them."""

import os
import signal

import calls
import certificates
import programs
import pytest
import tables
import trustme
import upstream as scripted

# Exceptions from `programs.THEIRS`: which program is tested, and what pytest and installers need.
KEPT = ("PROXY_PROGRAM", "PYTEST_", "SSL_CERT_")

for name in programs.named_as(programs.THEIRS):
    if not name.startswith(KEPT):
        del os.environ[name]
# Clients in the tests call loopback directly, even on a machine behind a proxy; and messages are in English.
os.environ |= {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost", "LC_ALL": "C.UTF-8"}

# A shell's background job ignores SIGINT, and so would all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def authority():
    """A certificate authority that nothing else trusts."""
    return trustme.CA()


@pytest.fixture(scope="module")
def secure(authority):
    """A provider with a certificate from this authority."""
    server = scripted.Upstream(tls=certificates.server_context(authority))
    yield server
    server.close()


@pytest.fixture(scope="session")
def session_upstream():
    server = scripted.Upstream()
    yield server
    server.close()


@pytest.fixture
def upstream(session_upstream):
    """The scripted upstream, without anything from earlier tests."""
    session_upstream.forget()
    yield session_upstream
    failures = session_upstream.forget()
    assert not failures, failures


@pytest.fixture(scope="session")
def start():
    """Start a function URL with a table: `start(table, "--concurrency", 2, NAME="value")`."""
    started = []

    def start(table, *options, **variables):
        variables = {"TEST_KEY": calls.KEY, "UPSTREAM_TOKEN": tables.UPSTREAM_TOKEN, **variables}
        started.append(programs.FunctionURL(table, *options, **variables))
        return started[-1]

    yield start
    for program in started:
        program.stop()
