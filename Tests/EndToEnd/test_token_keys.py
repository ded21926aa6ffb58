"""The keys of issuers: when they are fetched, and that others don't wait for an issuer."""

import concurrent.futures
import math
import time

import answers
import caching
import calls
import issuer_tables
import issuers
import programs
import pytest
import signing_keys
import token_verdicts
import tokens
from issuers import DISCOVERY, KEYS
from token_verdicts import ACCEPTED, INVALID

TOGETHER = ("--managed-instance", "--concurrency", 40)
EC, RSA = signing_keys.key_for("ES256"), signing_keys.key_for("RS256")
UNAVAILABLE = "token_issuer_unavailable"
# Seconds between two fetches because of keys that aren't known.
BRAKE = 10


@pytest.fixture
def own_issuer():
    """An issuer that a test may spoil."""
    with issuers.running(EC) as issuer:
        yield issuer


@pytest.fixture
def proxy(answering, own_issuer, issuer):
    """One process for all requests, with an issuer that may be spoiled and one that behaves well."""
    entries = [issuer_tables.published(own_issuer), issuer_tables.published(issuer)]
    with caching.proxy(issuer_tables.table(answering, *entries), *TOGETHER) as proxy:
        yield proxy


def token(issuer, algorithm="ES256", key=EC, **head):
    return tokens.by_pyjwt(algorithm, key, tokens.claims(issuer.name), **head)


def verdict(proxy, token):
    response = issuer_tables.chat(proxy, token)
    return response.error["code"] if response.status == 503 else token_verdicts.of(response)


def verdicts(proxy, made):
    """Send many tokens at once."""
    with concurrent.futures.ThreadPoolExecutor(len(made)) as pool:
        return list(pool.map(lambda one: verdict(proxy, one), made))


def until_accepted(proxy, make, others):
    """Send new tokens until one is accepted; before that, only these verdicts are right."""
    deadline = time.monotonic() + programs.PATIENCE
    while (said := verdict(proxy, make())) != ACCEPTED:
        assert said in others and time.monotonic() < deadline, said
        time.sleep(0.1)


def test_keys_are_fetched_when_they_are_first_needed_and_kept(proxy, own_issuer):
    assert issuer_tables.chat(proxy, calls.KEY).status == 200
    assert verdict(proxy, tokens.by_pyjwt("ES256", EC, tokens.claims("https://nobody.example"))) == INVALID
    assert not own_issuer.fetches
    for user in range(20):
        made = tokens.by_pyjwt("ES256", EC, tokens.claims(own_issuer.name, sub=f"user-{user}"))
        assert verdict(proxy, made) == ACCEPTED
    assert own_issuer.fetches == {DISCOVERY: 1, KEYS: 1}
    for _ in own_issuer.fetches:
        fetch = own_issuer.server.request()
        assert fetch.method == "GET" and not {"authorization", "cookie", "x-api-key"} & fetch.header_names


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
def test_many_first_requests_wait_for_one_fetch(proxy, own_issuer, path):
    gate, own_issuer.behaviours[path] = issuers.held(own_issuer.document if path == DISCOVERY else own_issuer.key_set)
    made = [token(own_issuer, number=number) for number in range(30)]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answered = pool.submit(verdicts, proxy, made)
        own_issuer.fetched(path, 1)
        gate.set()
        assert set(answered.result()) == {ACCEPTED}
    assert own_issuer.fetches == {DISCOVERY: 1, KEYS: 1}


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
def test_others_do_not_wait_for_a_slow_issuer(proxy, own_issuer, issuer, path):
    gate, own_issuer.behaviours[path] = issuers.held(own_issuer.document if path == DISCOVERY else own_issuer.key_set)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(verdict, proxy, token(own_issuer))
        own_issuer.fetched(path, 1)
        assert verdict(proxy, token(issuer)) == ACCEPTED
        assert issuer_tables.chat(proxy, calls.KEY).status == 200
        assert issuer_tables.chat(proxy, "a wrong key").status == 401
        gate.set()
        assert waiting.result() in (ACCEPTED, UNAVAILABLE)


def test_made_up_keys_do_not_make_the_proxy_flood_the_issuer(proxy, own_issuer):
    assert verdict(proxy, token(own_issuer)) == ACCEPTED
    began = time.monotonic()
    for first in range(0, 200, 20):
        made = [token(own_issuer, kid=f"made-up-{number}") for number in range(first, first + 20)]
        assert set(verdicts(proxy, made)) == {INVALID}
    allowed = 1 + math.floor((time.monotonic() - began) / BRAKE)
    assert own_issuer.fetches[KEYS] - 1 <= allowed
    assert verdict(proxy, token(own_issuer)) == ACCEPTED


def test_a_new_key_of_the_issuer_is_found_and_the_old_one_forgotten(proxy, own_issuer):
    assert verdict(proxy, token(own_issuer)) == ACCEPTED
    own_issuer.keys = [RSA]
    until_accepted(proxy, lambda: token(own_issuer, "RS256", RSA), {INVALID})
    new = tokens.by_pyjwt("ES256", EC, tokens.claims(own_issuer.name, sub="somebody-new"))
    assert verdict(proxy, new) == INVALID
    # With the same ID, but another key.
    false_key = signing_keys.key_for("ES256", "an attacker's")
    assert verdict(proxy, token(own_issuer, key=false_key, kid=RSA.kid)) == INVALID


def test_keys_outlive_their_issuer(proxy, own_issuer):
    assert verdict(proxy, token(own_issuer)) == ACCEPTED
    own_issuer.refuse()
    for user in range(5):
        made = tokens.by_pyjwt("ES256", EC, tokens.claims(own_issuer.name, sub=f"user-{user}"))
        assert verdict(proxy, made) == ACCEPTED
    assert set(verdicts(proxy, [token(own_issuer, kid=f"made-up-{n}") for n in range(10)])) <= {INVALID, UNAVAILABLE}
    assert verdict(proxy, token(own_issuer, kid=EC.kid, key=signing_keys.key_for("ES256", "an attacker's"))) == INVALID
    assert verdict(proxy, token(own_issuer)) == ACCEPTED


def test_an_issuer_that_comes_back_is_asked_again(proxy, own_issuer, issuer):
    own_issuer.refuse()
    response = issuer_tables.chat(proxy, token(own_issuer))
    assert (response.status, response.error["code"]) == (503, UNAVAILABLE)
    assert int(response.header("retry-after")) >= 1 and response.header("www-authenticate") is None
    assert verdict(proxy, token(issuer)) == ACCEPTED
    own_issuer.listen()
    until_accepted(proxy, lambda: token(own_issuer), {UNAVAILABLE})


def test_a_failing_issuer_is_asked_once_a_second(proxy, own_issuer):
    own_issuer.behaviours[DISCOVERY] = answers.plain({}, 500)
    began = time.monotonic()
    for _ in range(10):
        assert set(verdicts(proxy, [token(own_issuer)] * 10)) == {UNAVAILABLE}
    assert own_issuer.fetches[DISCOVERY] <= 1 + math.floor(time.monotonic() - began)
    assert own_issuer.fetches[KEYS] == 0


def test_a_redirect_is_not_followed(proxy, own_issuer, issuer):
    before = dict(issuer.fetches)
    for path, target in [(DISCOVERY, issuer.name + DISCOVERY), (KEYS, issuer.jwks_url)]:
        for status in (301, 302, 303, 307, 308):
            own_issuer.behaviours[path] = issuers.redirect(target, status)
            assert verdict(proxy, token(own_issuer)) == UNAVAILABLE
        del own_issuer.behaviours[path]
    assert issuer.fetches == before


@pytest.mark.parametrize("path", ["/", "/realms/app", "/realms/app/", "/v2.0"])
def test_the_document_is_below_the_issuers_own_path(answering, path):
    """Keycloak's issuers have a path, and Auth0's end with a slash."""
    with issuers.running(EC, path=path) as issuer:
        with caching.proxy(issuer_tables.table(answering, issuer_tables.published(issuer))) as proxy:
            assert verdict(proxy, token(issuer)) == ACCEPTED
        assert issuer.fetches == {path.removesuffix("/") + DISCOVERY: 1, KEYS: 1}
