"""An issuer that answers something else than its documents never opens the proxy, and never closes it for others."""

import json

import answers
import caching
import calls
import issuer_faults
import issuer_tables
import issuers
import odd_dynamodb
import pytest
import signing_keys
import token_verdicts
import tokens
from issuer_faults import KEY
from issuers import DISCOVERY, KEYS
from token_verdicts import ACCEPTED, INVALID

FALSE_KEY = signing_keys.key_for("ES256", "the attacker's")


@pytest.fixture(scope="module")
def spoiled():
    """Issuers by fault, each of them spoiled from the beginning, in one table."""
    faults = {}
    for name, fault in issuer_faults.ANYWHERE.items():
        faults[f"discovery: {name}"] = (DISCOVERY, lambda issuer, fault=fault: fault(issuer.document))
        faults[f"keys: {name}"] = (KEYS, lambda issuer, fault=fault: fault(issuer.key_set))
    for name, members in issuer_faults.DISCOVERED.items():
        faults[f"discovery: {name}"] = (DISCOVERY, lambda issuer, members=members: discovered(issuer, members))
    for name, document in issuer_faults.KEY_SETS.items():
        faults[f"keys: {name}"] = (KEYS, lambda issuer, document=document: answers.plain(document))
    running = {}
    for name, (path, fault) in faults.items():
        issuer = running[name] = issuers.Issuer(KEY)
        issuer.behaviours[path] = fault(issuer)
    yield running
    for issuer in running.values():
        issuer.close()


def discovered(issuer, members):
    """A discovery document in which these members differ."""

    def fill(value):
        if isinstance(value, list):
            return list(map(fill, value))
        return value and value.replace("{name}", issuer.name).replace("{port}", str(issuer.port))

    document = {**issuer.document, **{name: fill(value) for name, value in members.items()}}
    return answers.plain({name: value for name, value in document.items() if value is not None})


NAMES = [f"{where}: {name}" for name in issuer_faults.ANYWHERE for where in ("discovery", "keys")]
NAMES += [f"discovery: {name}" for name in issuer_faults.DISCOVERED]
NAMES += [f"keys: {name}" for name in issuer_faults.KEY_SETS]


@pytest.fixture(scope="module")
def proxy(start, session_upstream, spoiled, issuer):
    entries = [issuer_tables.published(one) for one in [*spoiled.values(), issuer]]
    return start(issuer_tables.table(session_upstream, *entries))


def token(issuer, key=KEY, **head):
    return tokens.by_pyjwt("ES256", key, tokens.claims(issuer.name), **head)


@pytest.mark.parametrize("name", NAMES)
def test_a_spoiled_document_is_no_key(proxy, answering, spoiled, issuer, name):
    broken = spoiled[name]
    for made in (token(broken), token(broken, FALSE_KEY), token(broken, FALSE_KEY, jwk=FALSE_KEY.jwk())):
        response = issuer_tables.chat(proxy, made)
        assert (response.status, response.error["code"]) == (503, "token_issuer_unavailable")
        assert int(response.header("retry-after")) >= 1
        said = str(response.headers) + response.body.decode()
        assert not token_verdicts.leaked(said, made) and str(broken.port) not in said.replace(broken.name, "")
    assert broken.fetches[DISCOVERY] >= 1 and (broken.fetches[KEYS] >= 1) is name.startswith("keys")
    assert answering.saw_nothing
    token_verdicts.check(proxy, answering, token(issuer), ACCEPTED)
    assert issuer_tables.chat(proxy, calls.KEY).status == 200


def test_the_log_says_which_issuer_does_not_answer(proxy, spoiled):
    broken = spoiled["keys: 500"]
    assert issuer_tables.chat(proxy, token(broken)).status == 503
    (line, *_) = [line for line in proxy.log_with(broken.name).splitlines() if broken.name in line]
    assert '"level":"WARN' in line or '"level":"ERROR' in line


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
@pytest.mark.parametrize("script", [odd_dynamodb.silent, odd_dynamodb.stopping], ids=lambda script: script.__name__)
def test_an_issuer_that_never_answers_costs_seconds(answering, issuer, path, script):
    with issuers.running(KEY) as silent:
        silent.behaviours[path] = script
        entries = [issuer_tables.published(silent), issuer_tables.published(issuer)]
        with caching.proxy(issuer_tables.table(answering, *entries)) as proxy:
            response = issuer_tables.chat(proxy, token(silent))
            assert (response.status, response.error["code"]) == (503, "token_issuer_unavailable")
            token_verdicts.check(proxy, answering, token(issuer), ACCEPTED)


@pytest.mark.parametrize("beside", issuer_faults.BESIDE)
@pytest.mark.parametrize("is_first", [True, False])
def test_what_else_is_in_a_key_set_does_not_matter(start, answering, beside, is_first):
    others = issuer_faults.BESIDE[beside]
    with issuers.running(*([KEY, *others] if is_first else [*others, KEY])) as issuer:
        with caching.proxy(issuer_tables.table(answering, issuer_tables.published(issuer))) as proxy:
            token_verdicts.check(proxy, answering, token(issuer), ACCEPTED)
            for kid in ("enc", "ops", "k", "pq", "3", "7", "made-up"):
                token_verdicts.check(proxy, answering, token(issuer, kid=kid), INVALID)
            for kid in (KEY.kid, "1", "2", "5"):
                token_verdicts.check(proxy, answering, token(issuer, FALSE_KEY, kid=kid), INVALID)
            secret = signing_keys.SharedSecret(b"\0\0\0")
            for kid in (KEY.kid, tokens.MISSING):
                forged = tokens.by_pyjwt("HS256", secret, tokens.claims(issuer.name), kid=kid)
                token_verdicts.check(proxy, answering, forged, INVALID)


@pytest.mark.parametrize("length, status", [(issuers.LARGEST, 200), (issuers.LARGEST + 1, 503)])
@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
def test_a_document_may_have_64_kb(answering, path, length, status):
    with issuers.running(KEY) as issuer:
        document = issuer.document if path == DISCOVERY else issuer.key_set
        issuer.behaviours[path] = issuers.padded(document, length)
        with caching.proxy(issuer_tables.table(answering, issuer_tables.published(issuer))) as proxy:
            assert issuer_tables.chat(proxy, token(issuer)).status == status


def test_a_thousand_keys_are_too_long(answering):
    with issuers.running(*[KEY.jwk(kid=f"key-{number}") for number in range(1000)]) as issuer:
        assert len(json.dumps(issuer.key_set)) > issuers.LARGEST
        with caching.proxy(issuer_tables.table(answering, issuer_tables.published(issuer))) as proxy:
            assert issuer_tables.chat(proxy, token(issuer, kid="key-1")).status == 503
