"""Which tokens of users are accepted: every algorithm, signed by two libraries, at issuers that allow it or not."""

import itertools

import answers
import calls
import issuer_tables
import openai
import pytest
import records
import sdks
import signing_keys
import tables
import token_verdicts
import tokens
from token_verdicts import ACCEPTED, INVALID

ALGORITHMS = (*signing_keys.PUBLISHED, *signing_keys.SHARED)
DEFAULTS = {"default": ("RS256", "ES256"), "backend": ("HS256",)}
ALLOWED = {
    **DEFAULTS,
    "every": signing_keys.PUBLISHED,
    "shared": signing_keys.SHARED,
    **{f"only-{algorithm}": (algorithm,) for algorithm in ALGORITHMS},
}
SECRET = signing_keys.SharedSecret(issuer_tables.SECRET)
CASES = list(itertools.product(tokens.LIBRARIES, ALGORITHMS, ALLOWED))


def is_shared(name):
    return ALLOWED[name][0] in signing_keys.SHARED


def named(name):
    """What is in `iss`."""
    return name if is_shared(name) else issuer_tables.url(name)


@pytest.fixture(scope="module")
def proxy(start, session_upstream, issuer):
    def entry(name):
        more = {} if name in DEFAULTS else {"algorithms": list(ALLOWED[name])}
        if is_shared(name):
            return issuer_tables.backend(name, audiences=[tokens.AUDIENCE], **more)
        return issuer_tables.published(issuer, name, **more)

    return start(issuer_tables.table(session_upstream, *map(entry, ALLOWED)))


def key_for(algorithm):
    return SECRET if algorithm in signing_keys.SHARED else signing_keys.key_for(algorithm)


@pytest.mark.parametrize("library, algorithm, name", CASES, ids=map("-".join, CASES))
def test_a_token_is_accepted_if_its_issuer_allows_the_algorithm(proxy, answering, library, algorithm, name):
    key = key_for(algorithm)
    token = tokens.LIBRARIES[library](algorithm, key, tokens.claims(named(name)))
    allowed = algorithm in ALLOWED[name]
    response = token_verdicts.check(proxy, answering, token, ACCEPTED if allowed else INVALID)
    verifier = key.private if algorithm in signing_keys.SHARED else key.public
    assert (tokens.second_opinion(token, verifier, ALLOWED[name], named(name)) is None) is allowed
    assert not allowed or response.json == answers.completion()


def test_the_sdk_takes_a_token_as_its_key(proxy, upstream):
    token = tokens.by_pyjwt("ES256", signing_keys.key_for("ES256"), tokens.claims(named("default")))
    upstream.script(answers.stream("Hello"))
    client = sdks.client(openai.OpenAI, proxy.origin, "server", token)
    chunks = list(client.chat.completions.create(model="m", messages=calls.MESSAGES, stream=True))
    assert chunks[0].choices[0].delta.content == "Hello"
    assert upstream.request().header("authorization") == f"Bearer {tables.UPSTREAM_TOKEN}"
    with pytest.raises(openai.AuthenticationError) as refused:
        sdks.client(openai.OpenAI, proxy.origin, "server", token[:-8] + "AAAAAAAA").models.list()
    assert refused.value.code == INVALID


def test_the_record_has_the_issuer_as_its_key_and_a_hash_of_the_user(proxy, answering):
    token = tokens.by_pyjwt("RS256", signing_keys.key_for("RS256"), tokens.claims(named("default"), sub="somebody"))
    record = records.of(proxy, token_verdicts.check(proxy, answering, token, ACCEPTED))
    assert record["key"] == named("default")
    assert len(record["user.hash"]) == 32 and int(record["user.hash"], 16) >= 0
    assert "somebody" not in str(record) and "user.id" not in record and "plan" not in record


# joserfc warns of the short one.
@pytest.mark.filterwarnings("ignore:Key size")
@pytest.mark.parametrize("algorithm, bits, verdict", [("RS256", 1024, INVALID), ("RS256", 3072, ACCEPTED)])
def test_an_rsa_key_needs_enough_bits(start, answering, issuer, algorithm, bits, verdict):
    key = signing_keys.rsa_key(f"rsa-{bits}", bits)
    keys, issuer.keys = issuer.keys, [key]
    try:
        proxy = start(issuer_tables.table(answering, issuer_tables.published(issuer)))
        token = tokens.by_pyjwt(algorithm, key, tokens.claims(issuer.name))
        token_verdicts.check(proxy, answering, token, verdict)
    finally:
        issuer.keys = keys


def test_nothing_of_a_token_was_logged(proxy, answering):
    """The last test of this module: it reads the whole log."""
    token = tokens.by_pyjwt("RS256", signing_keys.key_for("RS256"), tokens.claims(named("default"), sub="a-user"))
    records.of(proxy, token_verdicts.check(proxy, answering, token, ACCEPTED))
    log = proxy.log
    # All tokens of this module have one of a few headers, and payloads with these claims.
    headers = {tokens.base64url(tokens.as_bytes(tokens.header(name, key_for(name)))) for name in ALGORITHMS}
    assert not [header for header in headers if header in log]
    assert not [text for text in (*token.split("."), "eyJ", tokens.AUDIENCE, "a-user") if text in log]
