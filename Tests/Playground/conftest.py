"""Fixtures of the playground's tests: one browser, and one proxy with one table."""

import shutil

import calls
import pytest
import users
from front import Front
from playground import Playground
from playwright import sync_api

TABLE = """
scripted: {{url: "{up}/v1", token: t, model: table-model, num_retries: 0}}
undone:   {{url: "{up}/v1", token: t, model: other, num_retries: 0, expects_done: false}}
settings:
  playground: true
  models: {{fast: scripted/fast-model}}
  virtual_keys:
    - {{name: tests, key: "${{TEST_KEY}}"}}
    - {{name: small, key: a-key-for-one-request, requests_per_month: 1}}
    - {{name: single, key: a-key-for-one-at-a-time, max_parallel_requests: 1}}
"""


@pytest.fixture(scope="session")
def chromium():
    program = shutil.which("chromium")
    assert program, "Debian's package chromium is missing: scripts/test installs it"
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def table(session_upstream):
    return TABLE.format(up=session_upstream.origin)


@pytest.fixture(scope="session")
def proxy(start, table):
    """One process serves all requests, so that the limits it counts in memory hold for all of them."""
    return start(table, "--managed-instance", "--concurrency", 20)


@pytest.fixture
def visit(chromium, proxy):
    """Open the playground in a fresh context: `visit(origin=…, color_scheme="dark")`."""
    contexts = []

    def visit(origin=proxy.origin, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        return Playground(context, origin)

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def playground(visit):
    """The playground with a valid key and a model."""
    page = visit().open()
    page.enter(calls.KEY)
    sync_api.expect(page.models_status).to_contain_text("for this key")
    page.choose("scripted/table-model")
    return page


@pytest.fixture
def fronted(proxy):
    """The proxy behind a server that notices when a browser leaves."""
    front = Front(proxy.origin)
    yield front
    front.close()


@pytest.fixture(scope="session")
def provider():
    """The provider of examples/users, with the users ada, whose plan is pro, and bob. Others may log in, too."""
    server = users.Provider()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def cognito():
    """Cognito with the users ada, who is in the group pro, and bob."""
    server = users.Cognito()
    server.add_user("ada", "pro")
    server.add_user("bob")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def stopped_later():
    """Stop these programs after the tests of a module."""
    programs = []
    yield programs.append
    for program in programs:
        program.stop()
