"""Tokens that somebody else has made or changed: each is a hole that some library had."""

import json

import calls
import issuer_tables
import issuers
import pytest
import signing_keys
import token_verdicts
import tokens
from cryptography.hazmat.primitives.asymmetric import utils
from token_verdicts import ACCEPTED, INVALID, NO_KEY

RSA, EC, ED = [signing_keys.key_for(algorithm) for algorithm in ("RS256", "ES256", "EdDSA")]
# Of the attacker, with the IDs of the issuer's keys.
FALSE_RSA = signing_keys.rsa_key(RSA.kid + " ")
FALSE_EC = signing_keys.key_for("ES256", "the attacker's")
NOTHING = b""


@pytest.fixture(scope="module")
def other_issuer():
    """An issuer whose key has the ID of another issuer's, as moto's and many test set-ups' do."""
    with issuers.running(FALSE_RSA.jwk(kid=RSA.kid), FALSE_EC.jwk(kid=EC.kid)) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def proxy(start, session_upstream, issuer, other_issuer):
    entries = [
        issuer_tables.published(issuer, algorithms=list(signing_keys.PUBLISHED)),
        issuer_tables.published(other_issuer),
        issuer_tables.backend(),
    ]
    return start(issuer_tables.table(session_upstream, *entries))


def good(issuer, algorithm="RS256", **changes):
    return tokens.by_pyjwt(algorithm, signing_keys.key_for(algorithm), tokens.claims(issuer.name, **changes))


NONE = ["none", "None", "NONE", "nOnE", "none ", "", "null", None, 0, False, [], ["RS256"], ["none"], tokens.MISSING]
NONE += ["rs256", "Rs256", "RS256 ", "HS256", "RS1", "RS128", "ES256K", "Ed25519", "Ed448", "A128KW", "dir", "x" * 999]


@pytest.mark.parametrize("algorithm", NONE, ids=repr)
@pytest.mark.parametrize("signature", [NOTHING, b"x" * 256, b"\0" * 64])
def test_a_token_without_a_real_algorithm_is_refused(proxy, answering, issuer, algorithm, signature):
    head = tokens.header("RS256", RSA, alg=algorithm)
    token = tokens.compact(head, tokens.claims(issuer.name), lambda signed: signature)
    token_verdicts.check(proxy, answering, token, {INVALID, NO_KEY} if signature is NOTHING else INVALID)


def public_texts(key):
    """What an attacker knows of a public key, in the forms that a program may have it in."""
    jwk = key.jwk()
    texts = {"JWK": json.dumps(jwk).encode(), "compact JWK": tokens.as_bytes(jwk), "empty": b"", "a zero": b"\0"}
    for encoding in ("PEM", "DER"):
        texts[encoding] = key.encoded(encoding)
        texts[f"{encoding} stripped"] = key.encoded(encoding).strip()
    if jwk["kty"] == "RSA":
        texts["PKCS #1"] = key.encoded("PEM", "PKCS1")
        texts["modulus"] = tokens.unpadded(jwk["n"])
        texts["modulus in base64"] = jwk["n"].encode()
    else:
        texts["x"] = tokens.unpadded(jwk["x"])
    return texts


CONFUSED = [(key, form) for key in (RSA, EC, ED) for form in public_texts(key)]


@pytest.mark.parametrize("algorithm", signing_keys.SHARED)
@pytest.mark.parametrize("key, form", CONFUSED, ids=[f"{key.kid}-{form}" for key, form in CONFUSED])
def test_a_public_key_is_no_secret(proxy, answering, issuer, algorithm, key, form):
    secret = signing_keys.SharedSecret(public_texts(key)[form])
    for kid in (key.kid, tokens.MISSING):
        token = tokens.by_pyjwt(algorithm, secret, tokens.claims(issuer.name), kid=kid)
        token_verdicts.check(proxy, answering, token, INVALID)
        # With the header of one algorithm, and the signature of another.
        token = tokens.by_pyjwt(algorithm, secret, tokens.claims(issuer.name), kid=kid, alg="RS256")
        token_verdicts.check(proxy, answering, token, INVALID)


@pytest.mark.parametrize(
    "secret", ["", "\0", "secret", "my-backend", issuer_tables.SECRET[:-1], issuer_tables.SECRET + "\0"]
)
def test_a_wrong_secret_is_refused(proxy, answering, secret):
    token_verdicts.check(proxy, answering, issuer_tables.backend_token(secret=secret), INVALID)


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"])
@pytest.mark.parametrize("kid", ["the attacker's", EC.kid, tokens.MISSING], ids=repr)
def test_a_key_in_the_header_is_ignored(proxy, answering, issuer, member, kid):
    with issuers.running(FALSE_EC) as attacker:
        value = {
            "jwk": FALSE_EC.jwk(), "jku": attacker.jwks_url, "x5u": attacker.jwks_url,
            "x5c": [FALSE_EC.encoded("DER").hex()], "x5t": "AAAA", "x5t#S256": "AAAA",
        }[member]  # fmt: skip
        forged = tokens.by_pyjwt("ES256", FALSE_EC, tokens.claims(issuer.name), kid=kid, **{member: value})
        token_verdicts.check(proxy, answering, forged, INVALID)
        # It isn't refused for being there: issuers that sign with a certificate's key send `x5t`.
        token = tokens.by_pyjwt("ES256", EC, tokens.claims(issuer.name), **{member: value})
        token_verdicts.check(proxy, answering, token, ACCEPTED)
        assert not attacker.fetches


CRITICAL = [["exp"], ["b64"], ["unknown"], [], "exp", None, {}, [""], ["alg"], [5], 0, False]


@pytest.mark.parametrize("critical", CRITICAL, ids=repr)
def test_what_must_be_understood_is_refused(proxy, answering, issuer, critical):
    more = {"exp": 1, "b64": True, "unknown": 1}
    token = tokens.by_pyjwt("RS256", RSA, tokens.claims(issuer.name), crit=critical, **more)
    token_verdicts.check(proxy, answering, token, INVALID)


def order(key):
    """The order of a curve's group."""
    return {
        "secp256r1": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        "secp384r1": int("F" * 48 + "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16),
        "secp521r1": int("1FF" + "F" * 63 + "A51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409", 16),
    }[key.kid]  # fmt: skip


@pytest.mark.parametrize("algorithm, size", [("ES256", 32), ("ES384", 48), ("ES512", 66)])
def test_numbers_that_no_signature_has_are_refused(proxy, answering, issuer, algorithm, size):
    key = signing_keys.key_for(algorithm)
    numbers = [0, 1, order(key) - 1, order(key), order(key) + 1, 256**size - 1]
    head, payload = tokens.header(algorithm, key), tokens.claims(issuer.name)
    for r in numbers:
        for s in numbers:
            raw = r.to_bytes(size, "big") + s.to_bytes(size, "big")
            token_verdicts.check(proxy, answering, tokens.compact(head, payload, lambda signed, raw=raw: raw), INVALID)


@pytest.mark.parametrize("algorithm, size", [("ES256", 32), ("ES384", 48), ("ES512", 66)])
def test_a_signature_in_another_form_is_refused(proxy, answering, issuer, algorithm, size):
    key = signing_keys.key_for(algorithm)
    head, payload, sign = tokens.header(algorithm, key), tokens.claims(issuer.name), tokens.signature(algorithm, key)

    def numbers(raw):
        return int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big")

    forms = [
        lambda raw: utils.encode_dss_signature(*numbers(raw)), lambda raw: raw[:-1], lambda raw: raw + b"\0",
        lambda raw: b"\0" + raw, lambda raw: b"\0" + raw[:size] + b"\0" + raw[size:],
        lambda raw: raw[size:] + raw[:size], lambda raw: raw[:size], lambda raw: raw * 2, lambda raw: b"",
    ]  # fmt: skip
    for form in forms:
        token = tokens.compact(head, payload, lambda signed, form=form: form(sign(signed)))
        token_verdicts.check(proxy, answering, token, {INVALID, NO_KEY})


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("place", range(0, 96, 5))
def test_a_token_of_which_one_character_has_changed_is_refused(proxy, answering, issuer, algorithm, place):
    """The good one was remembered before. A cache that compares only a part of it would accept the other one."""
    token = good(issuer, algorithm)
    token_verdicts.check(proxy, answering, token, ACCEPTED)
    changed = len(token) - 2 - place * (len(token) - 2) // 96
    other = "A" if token[changed] != "A" else "B"
    if token[changed] != ".":
        forged = token[:changed] + other + token[changed + 1 :]
        token_verdicts.check(proxy, answering, forged, {INVALID, NO_KEY})


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "HS256"])
def test_the_last_bits_of_a_remembered_signature_count(proxy, answering, issuer, algorithm):
    token = issuer_tables.backend_token() if algorithm == "HS256" else good(issuer, algorithm)
    token_verdicts.check(proxy, answering, token, ACCEPTED)
    signature = tokens.unpadded(token.rpartition(".")[2])
    for bit in range(8):
        forged = signature[:-1] + bytes([signature[-1] ^ 1 << bit])
        other = f"{token.rpartition('.')[0]}.{tokens.base64url(forged)}"
        token_verdicts.check(proxy, answering, other, INVALID)


def test_users_whose_tokens_begin_alike_are_different_users(proxy, answering, issuer):
    names = [f"a-user-with-a-long-name-that-has-the-number-{number}" for number in range(20)]
    made = [good(issuer, iat=1, sub=name, exp=4_000_000_000) for name in names]
    assert len({token[:100] for token in made}) == 1
    users = [token_verdicts.user_of(proxy, token_verdicts.check(proxy, answering, token, ACCEPTED)) for token in made]
    assert len(set(users)) == len(names) and None not in users
    swapped = [
        f"{one.rpartition('.')[0]}.{other.rpartition('.')[2]}" for one, other in zip(made, made[1:], strict=False)
    ]
    for token in swapped:
        token_verdicts.check(proxy, answering, token, INVALID)


def test_the_keys_of_an_issuer_are_good_for_its_own_tokens_only(proxy, answering, issuer, other_issuer):
    false_key = signing_keys.SigningKey(RSA.kid, FALSE_RSA.private, type(FALSE_RSA.jose))
    token_verdicts.check(
        proxy, answering, tokens.by_pyjwt("RS256", false_key, tokens.claims(other_issuer.name)), ACCEPTED
    )
    for key, name in [(false_key, issuer.name), (RSA, other_issuer.name), (RSA, "my-backend"), (false_key, "nobody")]:
        token_verdicts.check(proxy, answering, tokens.by_pyjwt("RS256", key, tokens.claims(name)), INVALID)
    for name in (issuer.name, other_issuer.name):
        token_verdicts.check(proxy, answering, issuer_tables.backend_token(issuer=name), INVALID)


def test_none_of_many_wrong_signatures_is_accepted(proxy, answering, issuer):
    head, payload = tokens.header("EdDSA", ED), tokens.claims(issuer.name)
    for number in range(200):
        token = tokens.compact(head, payload, lambda signed, number=number: number.to_bytes(64, "little"))
        response = calls.call(proxy.origin, "GET", issuer_tables.ME, key=token)
        assert token_verdicts.of(response) == INVALID
