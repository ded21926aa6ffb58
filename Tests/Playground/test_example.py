"""The page of examples/users, with the table of examples/users: its users log in, and chat with their own tokens."""

import contextlib
import re
import threading

import answers
import programs
import pytest
import users
from axe_playwright_python.sync_playwright import Axe
from example_page import ExamplePage
from playwright.sync_api import expect

TABLE = (users.EXAMPLE / "openai_servers.yaml").read_text()
OPTIONS = ["--managed-instance", "--concurrency", 20, "--template", programs.ROOT / "template.yaml"]


@pytest.fixture(scope="module")
def at_provider(start, session_upstream, provider):
    """The page's server for users of the example's provider."""
    variables = {"LOCAL_URL": f"{session_upstream.origin}/v1", "LOCAL_ISSUER": provider.issuer}
    with users.served(users.config(start(TABLE, *OPTIONS, **variables).origin, provider.issuer)) as server:
        yield server


@pytest.fixture(scope="module")
def at_cognito(start, session_upstream, cognito):
    """The page's server for users of Cognito. Its names lead to the emulator."""
    client = cognito.add_client()
    client_ids = 'client_ids: ["${COGNITO_CLIENT_ID:-}"]'
    table = TABLE.replace("https://api.openai.com", session_upstream.origin)
    table = table.replace(client_ids, f"jwks_url: {cognito.jwks_url}\n      {client_ids}")
    assert table.count(cognito.origin) == table.count(f"{session_upstream.origin}/v1") == 1
    proxy = start(
        table, *OPTIONS, OPENAI_API_KEY="t", COGNITO_ISSUER=cognito.issuer, COGNITO_CLIENT_ID=client,
        COGNITO_AUTHORIZE_URL=f"{cognito.origin}/oauth2/authorize", COGNITO_TOKEN_URL=f"{cognito.origin}/oauth2/token",
    )  # fmt: skip
    with users.served(users.config(proxy.origin, cognito.issuer, client, token="access")) as server:
        cognito.move_client(client, server.url)
        yield server


@pytest.fixture
def visit_page(chromium, cognito):
    """Open the example page in a fresh context."""
    with contextlib.ExitStack() as stack:

        def visit(server, query="", **options):
            context = chromium.new_context(**options)
            stack.callback(context.close)
            # Only Amazon has this name. The emulator serves the same document under its own.
            path = f"/{cognito.pool}/.well-known/openid-configuration"
            found = f"{cognito.origin}{path}"
            context.route(
                f"https://*.amazonaws.com{path}", lambda route: route.fulfill(response=route.fetch(url=found))
            )
            return ExamplePage(context, server.url).open(query)

        yield visit


def log_in(page, provider, name):
    page.log_in(provider, name)
    expect(page.limits.locator("li").first).to_be_visible()
    return page


def works(page):
    """No script has failed, and the policy has blocked nothing."""
    assert (page.errors, page.page.evaluate("window.violations")) == ([], [])


def test_a_user_logs_in_and_sees_an_answer_as_it_is_written(upstream, visit_page, at_cognito, cognito):
    page = log_in(visit_page(at_cognito), cognito, "ada")
    assert page.page.url == at_cognito.url
    expect(page.who).to_have_text("ada@example.com · pro")
    first, second = threading.Event(), threading.Event()
    steps = [(None, answers.event(answers.delta("One, "))), (first, answers.event(answers.delta("two.")))]
    upstream.script(answers.stepwise([*steps, (second, answers.event("[DONE]"))]))
    page.send("Count.")
    expect(page.answer).to_have_text("One,")
    first.set()
    expect(page.answer).to_have_text("One, two.")
    expect(page.button("Send")).to_be_disabled()
    second.set()
    expect(page.button("Send")).to_be_enabled()
    sent = upstream.request()
    assert sent.header("authorization") == "Bearer t"
    assert (sent.json["model"], sent.json["messages"]) == ("gpt-4o-mini", [{"role": "user", "content": "Count."}])
    works(page)


def test_the_plan_decides_about_models_and_limits(visit_page, at_cognito, cognito):
    ada, bob = (log_in(visit_page(at_cognito), cognito, name) for name in ("ada", "bob"))
    expect(ada.page.get_by_label("Model").locator("option")).to_have_text(["fast", "smart", "openai/gpt-4o-mini"])
    expect(bob.page.get_by_label("Model").locator("option")).to_have_text(["fast", "openai/gpt-4o-mini"])
    expect(ada.limits).to_contain_text(re.compile("Tokens a day: .* of 1,000,000 left"))
    expect(bob.limits).to_contain_text(re.compile("Tokens a day: .* of 50,000 left"))
    expect(bob.who).to_have_text("bob@example.com")


def test_each_user_has_limits_of_its_own_and_is_told_of_them(upstream, visit_page, at_provider, provider):
    ada, bob = (log_in(visit_page(at_provider), provider, name) for name in ("ada", "bob"))
    upstream.script(*(answers.stream("Yes.") for _ in range(6)))
    for number in range(5):
        bob.send("Hi")
        expect(bob.page.locator(".answer")).to_have_count(number + 1)
        expect(bob.answer).to_have_text("Yes.")
        expect(bob.limits).to_contain_text(f"Requests a day: {4 - number} of 5 left")
    bob.send("Once more")
    expect(bob.error).to_contain_text("The limit of this user has been reached: 5 requests a day. Try again in")
    expect(bob.error).not_to_contain_text("moment")
    ada.send("Hi")
    expect(ada.answer).to_have_text("Yes.")
    expect(ada.limits).to_contain_text("Requests a day: 99 of 100 left")
    works(bob)


def test_tokens_that_open_the_proxy_are_not_stored(visit_page, at_cognito, cognito):
    page = log_in(visit_page(at_cognito), cognito, "ada")
    token = page.sent_to("/v1/me")[0].all_headers()["authorization"].removeprefix("Bearer ")
    everything = page.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])")
    assert token.count(".") == 2 and token not in everything
    assert "refreshToken" in everything and "verifier" not in everything


def test_a_reload_needs_no_new_login(visit_page, at_cognito, cognito):
    page = log_in(visit_page(at_cognito), cognito, "ada")
    page.page.reload()
    # ministack leaves the groups, which the plan comes from, out of tokens that it renews. Cognito doesn't.
    expect(page.who).to_have_text("ada@example.com")
    expect(page.limits.locator("li").first).to_be_visible()


def test_without_a_refresh_token_a_reload_ends_the_login(visit_page, at_provider, provider):
    page = log_in(visit_page(at_provider), provider, "ada")
    page.page.reload()
    expect(page.button("Log in")).to_be_visible()
    expect(page.notice).to_be_empty()


def test_a_token_is_renewed_before_it_ends(upstream, visit_page, at_cognito, cognito):
    page = visit_page(at_cognito)
    page.page.clock.install()
    log_in(page, cognito, "ada")
    assert len(page.sent_to("/oauth2/token")) == 1
    page.page.clock.fast_forward(271_000)
    upstream.script(answers.stream("Yes."))
    page.send("Hi")
    expect(page.answer).to_have_text("Yes.")
    assert len(page.sent_to("/oauth2/token")) == 2


def test_a_token_that_the_proxy_refuses_is_renewed_once(upstream, visit_page, at_cognito, cognito):
    page = log_in(visit_page(at_cognito), cognito, "ada")
    refusal = {"error": {"message": "The token has expired.", "type": "x", "param": None, "code": "expired_token"}}
    cors = {"Access-Control-Allow-Origin": "*"}
    page.page.route(
        "**/v1/chat/completions", lambda route: route.fulfill(status=401, json=refusal, headers=cors), times=1
    )
    upstream.script(answers.stream("Yes."))
    page.send("Hi")
    expect(page.answer).to_have_text("Yes.")
    assert len(page.sent_to("/oauth2/token")) == 2


def test_a_token_that_has_ended_and_cannot_be_renewed_needs_a_new_login(
    start, session_upstream, visit_page, stopped_later
):
    provider = users.Provider(seconds=-90)
    stopped_later(provider)
    variables = {"LOCAL_URL": f"{session_upstream.origin}/v1", "LOCAL_ISSUER": provider.issuer}
    with users.served(users.config(start(TABLE, *OPTIONS, **variables).origin, provider.issuer)) as server:
        page = visit_page(server)
        page.button("Log in").click()
        provider.log_in(page.page, "bob")
        expect(page.notice).to_contain_text("expired")
        expect(page.notice).to_contain_text("Please log in again.")
        expect(page.button("Log in")).to_be_visible()


def test_a_user_logs_out_here_and_at_the_provider(visit_page, at_cognito, cognito):
    page = log_in(visit_page(at_cognito), cognito, "ada")
    with page.page.expect_request(re.compile(f"{cognito.origin}/logout")) as left:
        page.button("Log out").click()
    assert "client_id=" in left.value.url and "logout_uri=" in left.value.url
    expect(page.button("Log in")).to_be_visible()
    assert page.page.evaluate("Object.values(sessionStorage)") == ["{}"]
    works(page)


@pytest.mark.parametrize("begun", [False, True])
def test_a_code_that_this_tab_did_not_ask_for_is_not_used(visit_page, at_cognito, begun):
    page = visit_page(at_cognito)
    if begun:
        page.button("Log in").click()
        page.page.wait_for_url(re.compile("/oauth2/authorize"))
    page.open("?code=a-code&state=another-state")
    expect(page.notice).to_contain_text("did not begin in this tab")
    assert page.page.url == at_cognito.url
    assert page.sent_to("/oauth2/token") == []


def test_a_token_for_another_login_is_not_used(visit_page, at_cognito, cognito):
    page = visit_page(at_cognito)
    other = lambda route: route.continue_(url=re.sub("nonce=[^&]+", "nonce=other", route.request.url))  # noqa: E731
    page.page.route(re.compile("/oauth2/authorize"), other)
    page.button("Log in").click()
    cognito.log_in(page.page, "ada")
    expect(page.notice).to_have_text("This login was meant for somebody else.")
    expect(page.button("Log in")).to_be_visible()
    assert page.sent_to("/v1/me") == []


def test_a_refused_login_is_said(visit_page, at_provider):
    page = visit_page(at_provider)
    page.button("Log in").click()
    page.page.get_by_role("button", name="Deny").click()
    expect(page.notice).to_have_text("The login failed: access_denied. Please try again.")
    expect(page.button("Log in")).to_be_visible()
    works(page)


def test_an_answer_is_stopped(upstream, visit_page, at_provider, provider):
    page = log_in(visit_page(at_provider), provider, "stella")
    go_on = threading.Event()
    upstream.script(answers.stepwise([(None, answers.event(answers.delta("Half"))), (go_on, answers.event("[DONE]"))]))
    page.send("Hi")
    expect(page.answer).to_have_text("Half")
    page.button("Stop").click()
    expect(page.button("Send")).to_be_enabled()
    go_on.set()
    expect(page.page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_accessible_and_never_scrolls_sideways(upstream, visit_page, at_provider, provider, scheme, width):
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 740}}
    page = visit_page(at_provider, **options)
    assert_accessible(page)
    log_in(page, provider, f"{scheme}-{width}")
    upstream.script(answers.stream("x" * 300), answers.plain(answers.error("No. " + "z" * 300), 400))
    for _ in range(2):
        page.send("w" * 300)
        expect(page.button("Send")).to_be_enabled()
    expect(page.error).to_be_visible()
    assert_accessible(page)
    assert page.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def assert_accessible(page):
    found = Axe().run(page.page)
    assert found.violations_count == 0, found.generate_report()
