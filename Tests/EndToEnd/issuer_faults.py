"""What an issuer may answer in place of its documents, and what a key set may have beside keys."""

import json

import answers
import issuers
import odd_dynamodb
import signing_keys

KEY = signing_keys.key_for("ES256")
SET = {"keys": [KEY.jwk()]}


def text(body, status=200):
    return answers.raw(status, answers.JSON, body if isinstance(body, bytes) else body.encode())


# Of both documents. Each takes the good document.
ANYWHERE = {
    "500": lambda good: answers.plain(good, 500),
    "404": lambda good: answers.plain(good, 404),
    "401": lambda good: answers.plain(good, 401),
    "204": lambda good: answers.raw(204, [], b""),
    "redirect to itself": lambda good: issuers.redirect("/"),
    "empty": lambda good: text(""),
    "HTML": lambda good: odd_dynamodb.page,
    "garbage": lambda good: odd_dynamodb.garbage,
    "endless": lambda good: odd_dynamodb.endless,
    "closes": lambda good: odd_dynamodb.closing,
    "too long": issuers.padded,
    "gzip": issuers.compressed,
    "a list": lambda good: answers.plain([good]),
    "a string": lambda good: text('"keys"'),
    "a number": lambda good: text("5"),
    "null": lambda good: text("null"),
    "cut off": lambda good: text(json.dumps(good)[:-1]),
    "two documents": lambda good: text(json.dumps(good) * 2),
    "no UTF-8": lambda good: text(b'{"issuer": "\xff", "keys": "\xff"}'),
    "deep": lambda good: text('{"keys":' + "[" * 60_000),
}

# Of the discovery document: members that differ. None for one that is missing.
DISCOVERED = {
    "another issuer": {"issuer": "http://127.0.0.1:1"},
    "an issuer with a slash": {"issuer": "{name}/"},
    "an issuer in other letters": {"issuer": "HTTP://127.0.0.1:{port}"},
    "no issuer": {"issuer": None},
    "a list of issuers": {"issuer": ["{name}"]},
    "no key set": {"jwks_uri": None},
    "an empty address": {"jwks_uri": ""},
    "no address": {"jwks_uri": "the keys"},
    "a relative address": {"jwks_uri": "/keys"},
    "an address of a file": {"jwks_uri": "file:///etc/hostname"},
    "another protocol": {"jwks_uri": "gopher://127.0.0.1:{port}/keys"},
    "a list of addresses": {"jwks_uri": ["{name}/keys"]},
    "an address with a line break": {"jwks_uri": "{name}/keys\r\nx: y"},
}

# Of the key set.
KEY_SETS = {
    "no keys": {},
    "keys that are no list": {"keys": SET["keys"][0]},
    "null for keys": {"keys": None},
    "a text for keys": {"keys": "keys"},
}

# What doesn't hide the good key beside it.
BESIDE = {
    "nothing": [],
    "no keys": [None, 5, "key", [], {}, {"kid": KEY.kid}],
    "a kind that nobody knows": [{"kty": "AKP", "kid": "pq", "alg": "ML-DSA-44", "pub": "AAAA"}],
    "a secret": [{"kty": "oct", "kid": KEY.kid, "k": "AAAA"}],
    "a curve that nobody knows": [{"kty": "EC", "crv": "secp256k1", "kid": "k", "x": "AAAA", "y": "AAAA"}],
    "broken keys": [
        {"kty": "RSA", "kid": "1", "n": "!", "e": "AQAB"}, {"kty": "RSA", "kid": "2", "n": "", "e": ""},
        {"kty": "EC", "crv": "P-256", "kid": "3", "x": "AAAA", "y": "AAAA"}, {"kty": "EC", "crv": "P-256", "kid": "4"},
        {"kty": "OKP", "crv": "Ed25519", "kid": "5", "x": "AA"}, {"kty": 5, "kid": "6"}, {"kty": "RSA", "n": 5},
        KEY.jwk(kid="7", y=KEY.jwk()["x"]), {"kty": "RSA", "kid": "8", "n": "A" * 20_000, "e": "AQAB"},
    ],
    "a key for encryption": [KEY.jwk(kid="enc", use="enc")],
    "a key that only signs": [KEY.jwk(kid="ops", key_ops=["sign"], use=None)],
    "two hundred keys": [KEY.jwk(kid=f"key-{number}") for number in range(200)],
    "odd members": [KEY.jwk(kid="odd", x5c=["AAAA"], exp=1, nested={"keys": [[]]}, alg=5)],
}  # fmt: skip
