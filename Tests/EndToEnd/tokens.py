"""Makes tokens: good ones with two libraries, and any others byte by byte."""

import base64
import json
import time
import warnings

import jwt
from joserfc import jws
from joserfc.errors import SecurityWarning

AUDIENCE = "the-app"
# Longer than all tests take on a busy machine, since some tokens are made when the tests are collected; less than the
# hour that tokens of a shared secret may be valid. In seconds.
LIFETIME = 3000


class Missing:
    """Stands for a claim or a member of the header that is left out."""

    def __repr__(self):
        return "MISSING"


MISSING = Missing()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpadded(text):
    """Decode a part of a token."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def without_missing(members):
    return {name: value for name, value in members.items() if value is not MISSING}


def claims(issuer, **changes):
    """The claims of a good token; with `MISSING` one is left out."""
    now = int(time.time())
    usual = {"iss": issuer, "aud": AUDIENCE, "sub": "a-user", "iat": now, "exp": now + LIFETIME}
    return without_missing({**usual, **changes})


def header(algorithm, key, **changes):
    usual = {"alg": algorithm, "typ": "JWT", "kid": MISSING if key.kid is None else key.kid}
    return without_missing({**usual, **changes})


def as_bytes(value):
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()


def compact(head, payload, signature):
    """A token of any three parts: bytes, or what is written as JSON. `signature` takes what is signed."""
    signed = f"{base64url(as_bytes(head))}.{base64url(as_bytes(payload))}"
    return f"{signed}.{base64url(signature(signed.encode()))}"


def signature(algorithm, key):
    """A function that signs bytes, whatever the header says."""
    signer = jwt.get_algorithm_by_name(algorithm)
    prepared = key.private if algorithm.startswith("HS") else signer.prepare_key(key.private)
    return lambda signed: signer.sign(signed, prepared)


def by_pyjwt(algorithm, key, payload, **head):
    """Sign with PyJWT. `head` changes the header."""
    return compact(header(algorithm, key, **head), payload, signature(algorithm, key))


def by_joserfc(algorithm, key, payload, **head):
    """Sign with joserfc."""
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    head = header(algorithm, key, **head)
    with warnings.catch_warnings():
        # It prefers RFC 9864's name of EdDSA, which issuers don't use yet.
        warnings.simplefilter("ignore", SecurityWarning)
        return jws.serialize_compact(head, as_bytes(payload), key.jose, registry=registry)


LIBRARIES = {"pyjwt": by_pyjwt, "joserfc": by_joserfc}


def of_length(length, algorithm, key, payload):
    """A token of so many bytes: claim and header are padded until it fits, since base64 has not every length."""
    rest = length - len(base64url(signature(algorithm, key)(b""))) - len("..")
    for filler in ("", "-", "--", "---"):
        head = len(base64url(as_bytes(header(algorithm, key, x=filler))))
        for count in range(rest):
            padded = {**payload, "padding": "p" * count}
            if head + (len(as_bytes(padded)) * 4 + 2) // 3 == rest:
                return by_pyjwt(algorithm, key, padded, x=filler)
    raise AssertionError(f"no token has {length} bytes")


def second_opinion(token, key, algorithms, issuer, audience=AUDIENCE):
    """PyJWT's verdict with the same rules: None, or its error."""
    try:
        jwt.decode(
            token, key, algorithms=list(algorithms), issuer=issuer, audience=audience, leeway=60,
            options={"require": ["exp", "sub"]},
        )  # fmt: skip
    # It lets some wrong types through to `int`.
    except (jwt.PyJWTError, TypeError) as error:
        return error
    return None
