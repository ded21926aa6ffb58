"""Users log in on the playground: at Cognito, which checks everything, and at a provider that lets anybody in."""

import json
import re
import shutil
import urllib.parse

import answers
import calls
import pytest
import users
from playground import Playground
from playwright.sync_api import expect

TABLE = """
scripted: {{url: "{up}/v1", token: t, model: table-model, num_retries: 0}}
settings:
  playground: true
  user_id_key: the key of the users in these tests
  virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]
  token_issuers:
    - issuer: {issuer}
      {more}
      client_ids: [{client}]
      user_limits: {{requests_per_day: {limit}}}
      login:
        {{authorize_url: {server}/oauth2/authorize, token_url: {server}/oauth2/token, client_id: {client},
         scope: openid email, token: {token}}}
"""


@pytest.fixture(scope="module")
def at_cognito(start, session_upstream, cognito):
    client = cognito.add_client()
    more = f"jwks_url: {cognito.jwks_url}\n      token_use: access"
    proxy = start(
        TABLE.format(
            up=session_upstream.origin, issuer=cognito.issuer, server=cognito.origin, client=client, token="access",
            more=more, limit=100,
        ),
        "--managed-instance", "--concurrency", 20,
    )  # fmt: skip
    cognito.move_client(client, f"{proxy.origin}/playground")
    return proxy


@pytest.fixture(scope="module")
def open_to_all(start, session_upstream):
    """A proxy for the users of a provider that issues ID tokens only."""

    def started(provider):
        return start(
            TABLE.format(
                up=session_upstream.origin, issuer=provider.issuer, server=provider.issuer, client="playground",
                token="id", more="", limit=2,
            ),
            "--managed-instance", "--concurrency", 20,
        )  # fmt: skip

    return started


@pytest.fixture(scope="module")
def at_provider(open_to_all, provider):
    return open_to_all(provider)


@pytest.fixture
def visit_proxy(visit):
    """Open the playground of another proxy than most tests call."""

    def visit_proxy(proxy, path="/playground", **options):
        return visit(proxy.origin, **options).open(path)

    return visit_proxy


def log_in(playground, provider, name):
    playground.button("Log in").click()
    provider.log_in(playground.page, name)
    expect(playground.models_status).to_contain_text("for this user")
    return playground


def said(playground):
    return playground.page.locator("#login-status")


def stored(playground):
    return playground.page.evaluate("Object.fromEntries(Object.entries(sessionStorage))")


def works(playground):
    """No script has failed, and the policy has blocked nothing."""
    assert (playground.errors, playground.page.evaluate("window.violations")) == ([], [])


def tokens_asked_for(playground):
    return [url for url in playground.requests if url.endswith("/oauth2/token")]


def test_a_user_logs_in_and_asks(upstream, visit_proxy, at_cognito, cognito):
    playground = log_in(visit_proxy(at_cognito), cognito, "ada")
    assert playground.page.url == f"{at_cognito.origin}/playground"
    expect(playground.page.get_by_text("Logged in as ada@example.com")).to_be_visible()
    expect(playground.key).to_be_hidden()
    playground.choose("scripted/table-model")
    upstream.script(answers.stream("Yes."))
    playground.ask("Are you there?")
    expect(playground.text).to_have_text("Yes.")
    assert upstream.request().header("authorization") == "Bearer t"
    works(playground)


def test_the_token_that_opens_the_proxy_is_not_stored(visit_proxy, at_cognito, cognito):
    playground = visit_proxy(at_cognito)
    sent = []
    playground.page.on("request", lambda request: sent.append(request.headers.get("authorization", "")))
    log_in(playground, cognito, "ada")
    (token,) = {header.removeprefix("Bearer ") for header in sent} - {""}
    assert token.count(".") == 2 and token not in json.dumps(stored(playground))
    assert stored(playground)["playground.session"]


def test_a_reload_needs_no_new_login(upstream, visit_proxy, at_cognito, cognito):
    playground = log_in(visit_proxy(at_cognito), cognito, "ada")
    playground.page.reload()
    expect(playground.page.get_by_text("Logged in as ada@example.com")).to_be_visible()
    expect(playground.models_status).to_contain_text("for this user")
    assert len(tokens_asked_for(playground)) == 2


def test_a_token_is_renewed_before_it_ends(upstream, visit_proxy, at_cognito, cognito):
    playground = visit_proxy(at_cognito)
    playground.page.clock.install()
    log_in(playground, cognito, "ada")
    playground.choose("scripted/table-model")
    upstream.script(answers.stream("One."), answers.stream("Two."))
    playground.ask("One?")
    assert len(tokens_asked_for(playground)) == 1
    # Of five minutes, a tenth is left.
    playground.page.clock.fast_forward(271_000)
    playground.ask("Two?")
    expect(playground.text).to_have_text("Two.")
    assert len(tokens_asked_for(playground)) == 2


def test_a_token_that_the_proxy_refuses_is_renewed_once(upstream, visit_proxy, at_cognito, cognito):
    playground = log_in(visit_proxy(at_cognito), cognito, "ada")
    playground.choose("scripted/table-model")
    refusal = {"error": {"message": "The token has expired.", "type": "x", "param": None, "code": "expired_token"}}
    playground.page.route("**/chat/completions", lambda route: route.fulfill(status=401, json=refusal), times=1)
    upstream.script(answers.stream("Yes."))
    playground.ask("Hi")
    expect(playground.text).to_have_text("Yes.")
    assert len(tokens_asked_for(playground)) == 2


def test_a_user_logs_out(visit_proxy, at_cognito, cognito):
    playground = log_in(visit_proxy(at_cognito), cognito, "ada")
    playground.button("Log out").click()
    expect(said(playground)).to_have_text("You are logged out.")
    expect(playground.models_status).to_have_text("Log in or enter a key to see the models.")
    expect(playground.key).to_be_visible()
    assert not stored(playground)["playground.session"]
    playground.button("Log in").click()
    playground.page.wait_for_url(re.compile("prompt=login"))


def test_a_key_still_opens_the_proxy(visit_proxy, at_cognito):
    playground = visit_proxy(at_cognito).enter(calls.KEY)
    expect(playground.models_status).to_contain_text("for this key")
    assert tokens_asked_for(playground) == []


@pytest.mark.parametrize("begun", [False, True])
def test_a_code_that_this_tab_did_not_ask_for_is_not_used(visit_proxy, at_cognito, begun):
    playground = visit_proxy(at_cognito)
    if begun:
        playground.button("Log in").click()
        playground.page.wait_for_url(re.compile("/oauth2/authorize"))
    playground.open("/playground?code=a-code&state=another-state")
    expect(said(playground)).to_contain_text("didn't begin in this tab")
    assert playground.page.url == f"{at_cognito.origin}/playground"
    assert tokens_asked_for(playground) == []


def test_a_code_without_the_verifier_of_this_tab_opens_nothing(visit_proxy, at_cognito, cognito):
    """The provider checks PKCE, so a stolen code is worth nothing in another tab."""
    playground = visit_proxy(at_cognito)
    playground.button("Log in").click()
    playground.page.route("**/oauth2/token", lambda route: route.continue_(
        post_data=re.sub("code_verifier=[^&]+", "code_verifier=" + "a" * 43, route.request.post_data)
    ))  # fmt: skip
    cognito.log_in(playground.page, "ada")
    expect(said(playground)).to_have_text("The login server refused its own code. Log in again.")
    expect(playground.key).to_be_visible()


def test_a_refused_login_is_said(visit_proxy, at_provider):
    playground = visit_proxy(at_provider)
    playground.button("Log in").click()
    playground.page.get_by_role("button", name="Deny").click()
    expect(said(playground)).to_have_text("The login failed: access_denied.")
    expect(playground.button("Log in")).to_be_visible()
    works(playground)


def test_a_token_that_has_ended_and_cannot_be_renewed_needs_a_new_login(visit_proxy, open_to_all, stopped_later):
    # The proxy allows clocks to differ by a minute.
    provider = users.Provider(seconds=-90)
    stopped_later(provider)
    playground = visit_proxy(open_to_all(provider))
    playground.button("Log in").click()
    provider.log_in(playground.page, "bob")
    expect(said(playground)).to_have_text("Your login has expired. Log in again.")
    expect(playground.models_status).to_contain_text("expired")
    expect(playground.button("Log in")).to_be_visible()


def test_each_user_has_limits_of_its_own(upstream, visit_proxy, at_provider, provider):
    bob, eve = (log_in(visit_proxy(at_provider), provider, name) for name in ("bob", "eve"))
    upstream.script(*(answers.stream("Yes.") for _ in range(3)))
    for playground, count in ((bob, 2), (eve, 1)):
        playground.choose("scripted/table-model")
        for _ in range(count):
            playground.ask("Hi")
            expect(playground.text).to_have_text("Yes.")
    bob.ask("Once more")
    expect(bob.error).to_contain_text("The limit of this user has been reached: 2 requests a day.")
    expect(bob.fact("Status")).to_have_text("429")


def test_the_page_says_where_to_log_in_and_may_call_nothing_else(at_cognito, cognito):
    page = calls.call(at_cognito.origin, "GET", "/playground", key=None)
    text = page.body.decode()
    data = re.findall(r'<script type="application/json" id="login-data">(.*?)</script>', text)
    assert [json.loads(one)["token_url"] for one in data] == [f"{cognito.origin}/oauth2/token"]
    assert f"connect-src 'self' {cognito.origin};" in page.header("content-security-policy")
    assert len(page.body) <= 68_000


def test_the_address_of_the_login_has_what_the_standards_want(visit_proxy, at_cognito):
    playground = visit_proxy(at_cognito)
    with playground.page.expect_request("**/oauth2/authorize**") as asked:
        playground.button("Log in").click()
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(asked.value.url).query))
    assert query["response_type"] == "code" and query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == f"{at_cognito.origin}/playground"
    assert query["scope"] == "openid email" and "prompt" not in query
    # 32 random bytes, and a hash of 32 bytes.
    assert len(query["state"]) == len(query["code_challenge"]) == 43


def test_a_page_that_is_not_secure_says_so(chromium, start, at_cognito):
    """Browsers count localhost as secure, so the page is shown under another name."""
    host, port = "proxy.example", at_cognito.port
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", f"--host-resolver-rules=MAP {host} 127.0.0.1"]
    )
    playground = Playground(browser.new_context(), f"http://{host}:{port}").open()
    playground.button("Log in").click()
    expect(said(playground)).to_contain_text("https")
    browser.close()
