"""Issuers with one rule each, and what tokens must say there: the claims that differ from a good token's."""

import math
import time

import issuer_tables
import signing_keys
import token_verdicts
import tokens
from token_verdicts import ACCEPTED, EXPIRED, INVALID, MARK
from tokens import MISSING

APP, OTHER = tokens.AUDIENCE, "another-app"
ISS = issuer_tables.url("audience")


class After:
    """A time in so many seconds from when the token is made: the tests run long after they were collected."""

    def __init__(self, seconds, kind=int):
        self.seconds = seconds
        self.kind = kind

    def __repr__(self):
        return f"After({self.seconds})"

    @property
    def value(self):
        return self.kind(int(time.time()) + self.seconds)


LATER = After(4000)
# What follows `issuer` in an entry of `token_issuers`. Without `audiences` the helper's own apply.
ISSUERS = {
    "audience": {},
    "audiences": {"audiences": ["first-app", APP]},
    "client": {"audiences": None, "client_ids": [APP, "second-app"]},
    "both": {"client_ids": ["a-client"]},
    "id": {"token_use": "id"},
    "access": {"audiences": None, "client_ids": [APP], "token_use": "access"},
    "short": {"max_age": 300},
    "mail": {"user_claim": "email"},
    "nested": {"required_claims": {"realm_access.roles": ["admin", "staff"]}},
    "required": {
        "required_claims": {"email_verified": True, "cognito:groups": ["admins", "staff"], "level": 3, "tenant": "a-b"},
    },
}
# By what PyJWT checks too, with the same result.
SAME = {
    "audience": [
        ({}, ACCEPTED), ({"aud": [APP]}, ACCEPTED), ({"aud": [OTHER, APP]}, ACCEPTED), ({"aud": MISSING}, INVALID),
        ({"aud": OTHER}, INVALID), ({"aud": [OTHER]}, INVALID), ({"aud": []}, INVALID), ({"aud": ""}, INVALID),
        ({"aud": None}, INVALID), ({"aud": 5}, INVALID), ({"aud": {APP: APP}}, INVALID), ({"aud": APP + " "}, INVALID),
        ({"aud": APP.upper()}, INVALID), ({"aud": MARK}, INVALID),
        ({"aud": f"{OTHER} {APP}"}, INVALID), ({"aud": [[APP]]}, INVALID),
        ({"aud": APP[:-1]}, INVALID), ({"aud": True}, INVALID),
        ({"iss": f"{ISS}/"}, INVALID), ({"iss": ISS.upper()}, INVALID), ({"iss": ""}, INVALID),
        ({"iss": [ISS]}, INVALID),
        ({"iss": 5}, INVALID), ({"iss": None}, INVALID), ({"iss": MISSING}, INVALID), ({"iss": f"{ISS}\0"}, INVALID),
        ({"iss": "http://audience.example"}, INVALID), ({"iss": MARK}, INVALID),
        ({"exp": After(-3600)}, EXPIRED), ({"exp": After(-30)}, ACCEPTED), ({"exp": After(-61)}, EXPIRED),
        ({"exp": 1}, EXPIRED), ({"exp": 0}, EXPIRED),
        ({"exp": After(-3600.5, float)}, EXPIRED), ({"exp": LATER}, ACCEPTED),
        ({"exp": After(4000.5, float)}, ACCEPTED),
        ({"exp": 253_402_300_799}, ACCEPTED), ({"exp": MISSING}, INVALID), ({"exp": "soon"}, INVALID),
        ({"exp": None}, INVALID), ({"exp": [4e9]}, INVALID), ({"exp": {}}, INVALID),
        ({"nbf": After(-5)}, ACCEPTED), ({"nbf": After(30)}, ACCEPTED), ({"nbf": LATER}, INVALID),
        ({"nbf": 0}, ACCEPTED),
        ({"nbf": After(4000.5, float)}, INVALID), ({"nbf": After(-0.5, float)}, ACCEPTED), ({"nbf": "soon"}, INVALID),
        ({"nbf": []}, INVALID), ({"nbf": {}}, INVALID),
        ({"iat": After(-99_999)}, ACCEPTED), ({"iat": After(30)}, ACCEPTED), ({"iat": LATER}, INVALID),
        ({"iat": MISSING}, ACCEPTED), ({"iat": After(-0.5, float)}, ACCEPTED), ({"iat": "then"}, INVALID),
        ({"iat": []}, INVALID),
        ({"sub": MISSING}, INVALID), ({"sub": 5}, INVALID), ({"sub": None}, INVALID), ({"sub": ["a"]}, INVALID),
        ({"sub": {"a": "b"}}, INVALID), ({"sub": True}, INVALID), ({"sub": "é"}, ACCEPTED),
    ],
}  # fmt: skip
# What is stricter here, or what PyJWT doesn't know.
STRICTER = {
    "audience": [
        ({"aud": [5, APP]}, {ACCEPTED, INVALID}), ({"aud": [OTHER, None]}, INVALID),
        ({"exp": After(4000, str)}, INVALID), ({"exp": True}, INVALID), ({"exp": -1}, {EXPIRED, INVALID}),
        ({"exp": -1e300}, {EXPIRED, INVALID}), ({"exp": math.inf}, INVALID), ({"exp": math.nan}, INVALID),
        ({"nbf": After(0, str)}, INVALID), ({"nbf": True}, INVALID), ({"iat": After(0, str)}, INVALID),
        ({"iat": True}, INVALID),
        ({"nbf": 1e300}, INVALID), ({"iat": 1e300}, INVALID), ({"nbf": 10**40}, INVALID),
        ({"sub": ""}, INVALID), ({"sub": "u" * 256}, ACCEPTED), ({"sub": "u" * 257}, INVALID),
        ({"sub": "é" * 128}, ACCEPTED), ({"sub": "é" * 129}, INVALID), ({"sub": "a\nb"}, INVALID),
        ({"sub": "\0"}, INVALID), ({"sub": "a\x1b[31m"}, INVALID), ({"sub": "a\x7f"}, INVALID),
        ({"sub": "u\u0308" * 80}, ACCEPTED), ({"sub": "a/b|c@d:e%2f../#"}, ACCEPTED), ({"sub": "🧑‍🚀"}, ACCEPTED),
        ({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}, INVALID), ({"events": {}}, INVALID),
    ],
    "audiences": [
        ({}, ACCEPTED), ({"aud": "first-app"}, ACCEPTED), ({"aud": ["first-app", APP]}, ACCEPTED),
        ({"aud": "first-app the-app"}, INVALID), ({"aud": MISSING, "client_id": APP}, INVALID),
    ],
    "client": [
        ({}, ACCEPTED), ({"aud": MISSING}, INVALID), ({"aud": [APP]}, ACCEPTED),
        ({"aud": [APP, "second-app"]}, INVALID),
        ({"aud": OTHER, "azp": APP}, ACCEPTED), ({"aud": OTHER, "client_id": APP}, ACCEPTED),
        ({"aud": APP, "azp": OTHER}, INVALID), ({"aud": APP, "client_id": OTHER}, INVALID),
        ({"azp": APP, "client_id": OTHER}, INVALID), ({"azp": OTHER, "client_id": "second-app"}, ACCEPTED),
        ({"client_id": [APP]}, INVALID), ({"client_id": 5}, INVALID), ({"aud": OTHER}, INVALID),
        ({"client_id": ""}, INVALID), ({"aud": MISSING, "azp": "second-app"}, ACCEPTED), ({"aud": []}, INVALID),
    ],
    "both": [
        ({}, INVALID), ({"client_id": "a-client"}, ACCEPTED), ({"azp": "a-client"}, ACCEPTED),
        ({"aud": OTHER, "client_id": "a-client"}, INVALID), ({"aud": MISSING, "client_id": "a-client"}, INVALID),
        ({"client_id": APP}, INVALID),
    ],
    "id": [
        ({"token_use": "id"}, ACCEPTED), ({"token_use": "access"}, INVALID), ({}, INVALID),
        ({"token_use": "ID"}, INVALID),
        ({"token_use": ["id"]}, INVALID), ({"token_use": None}, INVALID), ({"token_use": "refresh"}, INVALID),
    ],
    "access": [
        ({"token_use": "access", "aud": MISSING, "client_id": APP}, ACCEPTED), ({"token_use": "id"}, INVALID),
        ({"token_use": "access", "aud": MISSING}, INVALID), ({"client_id": APP}, INVALID),
    ],
    "short": [
        ({"exp": After(200)}, ACCEPTED), ({"exp": LATER}, INVALID), ({"exp": 10**12}, INVALID),
        ({"exp": MISSING}, INVALID),
    ],
    # Keycloak's roles.
    "nested": [
        ({"realm_access": {"roles": ["x", "staff"]}}, ACCEPTED), ({"realm_access.roles": "admin"}, ACCEPTED),
        ({"realm_access": {"roles": ["x"]}}, INVALID), ({"realm_access": {"roles": {"admin": 1}}}, INVALID),
        ({}, INVALID), ({"realm_access": ["admin"]}, INVALID), ({"realm_access": "admin"}, INVALID),
        ({"roles": ["admin"]}, INVALID),
        ({"realm_access": {"roles": ["admin"]}, "realm_access.roles": "x"}, INVALID),
    ],
    "mail": [
        ({"email": "somebody@example.com"}, ACCEPTED), ({}, INVALID), ({"email": ""}, INVALID), ({"email": 7}, INVALID),
        ({"email": "somebody@example.com", "sub": MISSING}, ACCEPTED), ({"email": ["a@example.com"]}, INVALID),
    ],
}  # fmt: skip

MET = {"email_verified": True, "cognito:groups": ["staff"], "level": 3, "tenant": "a-b"}
# By how a token differs that has all required claims.
REQUIRED = [
    ({}, ACCEPTED), ({"email_verified": "true"}, ACCEPTED), ({"level": "3"}, ACCEPTED), ({"tenant": ["a-b"]}, ACCEPTED),
    ({"cognito:groups": "admins"}, ACCEPTED), ({"cognito:groups": ["x", "admins"]}, ACCEPTED),
    ({"level": [3]}, ACCEPTED),
    ({"email_verified": False}, INVALID), ({"email_verified": MISSING}, INVALID), ({"email_verified": 1}, INVALID),
    ({"email_verified": "True"}, INVALID), ({"email_verified": None}, INVALID), ({"email_verified": {}}, INVALID),
    ({"cognito:groups": []}, INVALID), ({"cognito:groups": ["x"]}, INVALID), ({"cognito:groups": MISSING}, INVALID),
    ({"cognito:groups": "admins,staff"}, INVALID), ({"cognito:groups": ["Admins"]}, INVALID),
    ({"cognito:groups": [["admins"]]}, INVALID), ({"cognito:groups": {"admins": True}}, INVALID),
    ({"cognito:groups": "admins staff"}, INVALID), ({"level": 33}, INVALID), ({"level": 30}, INVALID),
    ({"tenant": "a-b "}, INVALID), ({"tenant": {"tenant": "a-b"}}, INVALID), ({"tenant": ""}, INVALID),
]  # fmt: skip
STRICTER["required"] = [({**MET, **changes}, verdict) for changes, verdict in REQUIRED]

CASES = [
    (name, changes, verdict, has_second_opinion)
    for table, has_second_opinion in ((SAME, True), (STRICTER, False))
    for name, cases in table.items()
    for changes, verdict in cases
]


def entry(issuer, name):
    """The entry of an issuer in the table."""
    key_set = {"issuer": issuer_tables.url(name), "jwks_url": issuer.jwks_url, "audiences": [APP]}
    return {member: value for member, value in {**key_set, **ISSUERS[name]}.items() if value is not None}


def token(name, changes):
    changes = {claim: value.value if isinstance(value, After) else value for claim, value in changes.items()}
    claims = {**tokens.claims(issuer_tables.url(name)), **changes}
    return tokens.by_pyjwt("ES256", signing_keys.key_for("ES256"), tokens.without_missing(claims))


def opinion(made, name):
    """PyJWT's verdict."""
    error = tokens.second_opinion(made, signing_keys.key_for("ES256").public, ["ES256"], issuer_tables.url(name))
    if error is None:
        return ACCEPTED
    return EXPIRED if type(error).__name__ == "ExpiredSignatureError" else token_verdicts.INVALID
