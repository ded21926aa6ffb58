"""Tokens that the owner's backend signs with a secret that it shares with the proxy."""

import caching
import issuer_tables
import pytest
import signing_keys
import token_verdicts
import tokens
from issuer_tables import SECRET, backend, backend_token
from token_verdicts import ACCEPTED, EXPIRED, INVALID

OLD, NEW, NEXT = [
    f"{name} secret of the backend, which is long enough for all" for name in ("the old", "the new", "next")
]
ISSUERS = [
    backend("usual"),
    backend("hour", max_age=7200),
    backend("minute", max_age=60),
    backend("rotating", secrets=[OLD, NEW]),
    backend("other", secret=NEXT),
    backend("audience", audiences=[tokens.AUDIENCE]),
    backend("HS512", algorithms=["HS512"]),
    backend("several", algorithms=["HS256", "HS384"]),
    backend("from-variable", secret="${TOKEN_SECRET}"),
    backend("without-variable", secret="${A_VARIABLE_THAT_IS_NOT_SET}"),
    backend("${A_NAME_THAT_IS_NOT_SET}"),
    backend("${AN_EMPTY_NAME:-}"),
]


@pytest.fixture(scope="module")
def proxy(start, session_upstream):
    return start(issuer_tables.table(session_upstream, *ISSUERS), TOKEN_SECRET=SECRET)


@pytest.mark.parametrize("algorithm", signing_keys.SHARED)
@pytest.mark.parametrize("library", tokens.LIBRARIES)
@pytest.mark.parametrize("name, allowed", [("usual", ["HS256"]), ("HS512", ["HS512"]), ("several", ["HS256", "HS384"])])
def test_the_algorithm_must_be_the_backends(proxy, answering, algorithm, library, name, allowed):
    token = tokens.LIBRARIES[library](algorithm, signing_keys.SharedSecret(SECRET), tokens.claims(name))
    token_verdicts.check(proxy, answering, token, ACCEPTED if algorithm in allowed else INVALID)


def test_two_secrets_are_good_while_one_replaces_the_other(proxy, answering):
    for secret, verdict in [(OLD, ACCEPTED), (NEW, ACCEPTED), (NEXT, INVALID), (SECRET, INVALID), (OLD + NEW, INVALID)]:
        for kid in (tokens.MISSING, "1", "rotating"):
            payload = tokens.claims("rotating", kid=str(kid))
            token = tokens.by_pyjwt("HS256", signing_keys.SharedSecret(secret), payload, kid=kid)
            token_verdicts.check(proxy, answering, token, verdict)


def test_both_tokens_of_a_rotation_are_the_same_user(proxy):
    made = [backend_token("somebody", "rotating", secret) for secret in (OLD, NEW)]
    (user,) = {issuer_tables.me(proxy, token).json["user"] for token in made}
    other = {issuer_tables.me(proxy, backend_token("somebody", name, NEXT)).json["user"] for name in ("other",)}
    assert user not in other


AGES = [
    ("usual", 3500, ACCEPTED), ("usual", 3600 + 300, INVALID), ("usual", 10**9, INVALID), ("usual", -3600, EXPIRED),
    ("hour", 7000, ACCEPTED), ("hour", 7200 + 300, INVALID), ("minute", 50, ACCEPTED), ("minute", 500, INVALID),
]  # fmt: skip


@pytest.mark.parametrize("name, seconds, verdict", AGES)
def test_a_token_may_not_be_valid_for_too_long(proxy, answering, name, seconds, verdict):
    exp = tokens.claims(name)["iat"] + seconds
    # Whatever it says about its own age.
    for iat in (tokens.MISSING, 1, exp - 10 if seconds < 0 else exp - seconds):
        token_verdicts.check(proxy, answering, backend_token("a-user", name, exp=exp, iat=iat), verdict)


def test_a_backends_audience_is_checked_if_it_is_configured(proxy, answering):
    for name, audience, verdict in [
        ("audience", tokens.AUDIENCE, ACCEPTED), ("audience", "another", INVALID),
        ("audience", tokens.MISSING, INVALID),
        ("usual", "another", ACCEPTED), ("usual", tokens.MISSING, ACCEPTED),
    ]:  # fmt: skip
        token_verdicts.check(proxy, answering, backend_token("a-user", name, aud=audience), verdict)


def test_one_backend_cannot_speak_for_another(proxy, answering):
    token_verdicts.check(proxy, answering, backend_token(issuer="other"), INVALID)
    token_verdicts.check(proxy, answering, backend_token(issuer="usual", secret=NEXT), INVALID)
    token_verdicts.check(proxy, answering, backend_token(issuer="other", secret=NEXT), ACCEPTED)


@pytest.mark.parametrize("algorithm", signing_keys.PUBLISHED)
def test_a_published_key_is_no_key_of_a_backend(proxy, answering, algorithm):
    key = signing_keys.key_for(algorithm)
    for head in ({}, {"jwk": key.jwk()}, {"kid": tokens.MISSING}, {"alg": "HS256"}):
        token_verdicts.check(proxy, answering, tokens.by_pyjwt(algorithm, key, tokens.claims("usual"), **head), INVALID)


def test_the_secret_itself_is_no_key(proxy, answering):
    for secret in (SECRET, OLD, NEW):
        token_verdicts.check(proxy, answering, secret, token_verdicts.NO_KEY)


def test_a_secret_may_come_from_a_variable(proxy, answering):
    token_verdicts.check(proxy, answering, backend_token(issuer="from-variable"), ACCEPTED)


UNSET = ["${A_VARIABLE_THAT_IS_NOT_SET}", "A_VARIABLE_THAT_IS_NOT_SET", "", "\0" * 32]


@pytest.mark.parametrize("secret", [*UNSET, SECRET])
def test_an_issuer_whose_variable_is_not_set_opens_nothing(proxy, answering, secret):
    for name in ("without-variable", "${A_NAME_THAT_IS_NOT_SET}", "A_NAME_THAT_IS_NOT_SET", "", "${AN_EMPTY_NAME:-}"):
        token_verdicts.check(proxy, answering, backend_token(issuer=name, secret=secret), INVALID)


def test_the_log_says_which_variable_is_missing(proxy):
    for variable in ("A_VARIABLE_THAT_IS_NOT_SET", "A_NAME_THAT_IS_NOT_SET"):
        (line, *_) = [line for line in proxy.log_with(variable).splitlines() if variable in line]
        assert '"level":"WARN' in line
    assert "AN_EMPTY_NAME" not in proxy.log and SECRET not in proxy.log


def test_without_issuers_a_token_is_a_wrong_key(answering):
    table = issuer_tables.table(answering, backend("${AN_EMPTY_NAME:-}"))
    with caching.proxy(table) as proxy:
        response = token_verdicts.check(proxy, answering, backend_token(), token_verdicts.NO_KEY)
        assert response.error["message"].startswith("Incorrect API key provided")
