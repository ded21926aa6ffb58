"""Writes IssuedTokens.swift: the tokens that the simulated world's users have, made with PyJWT.

The private keys are made for this and forgotten, so each run makes other tokens. To run it:

    pip install pyjwt[crypto]==2.15.1
    python Tests/Simulation/World/Users/make_issued_tokens.py
"""

import json
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import get_default_algorithms

ISSUER = "https://users.example"
AUDIENCE = "chat"
# In seconds since 1970. Lives begin at 1795287942, and last for hours at most.
START, END = 1795200000, 1795400000
VALID = {"iss": ISSUER, "aud": AUDIENCE, "iat": START, "exp": END}


def claims(**other):
    return VALID | other


# By the user: the algorithm, the claims, and what is wrong with the token.
USERS = {
    "ada": ("ES256", VALID, None),
    "grace": ("RS256", VALID, None),
    "Zoë Ω": ("ES256", claims(aud=["other", AUDIENCE], nbf=START), None),
    "auth0|5f7c8ec7c33c6c004bbafe82": ("RS256", VALID, None),
    "late": ("ES256", claims(iat=START - 7200, exp=START - 3600), "it has expired"),
    "early": ("RS256", claims(iat=END + 3600, exp=END + 7200), "it isn't valid yet"),
    "stranger": ("ES256", claims(iss="https://other.example"), "another issuer"),
    "guest": ("RS256", claims(aud="other"), "another audience"),
    "forger": ("ES256", VALID, "a signature by another key"),
    "unknown": ("ES256", VALID, "a key that isn't published"),
}


def make_key(algorithm):
    return ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else rsa.generate_private_key(65537, 2048)


def public_jwk(algorithm, key):
    jwk = get_default_algorithms()[algorithm].to_jwk(key.public_key(), as_dict=True)
    kept = {name: value for name, value in jwk.items() if name != "key_ops"}
    return kept | {"kid": algorithm, "alg": algorithm, "use": "sig"}


def make_token(user, algorithm, content, flaw, keys):
    key = make_key(algorithm) if flaw and "key" in flaw else keys[algorithm]
    kid = "other" if flaw and "published" in flaw else algorithm
    return jwt.encode({**content, "sub": user}, key, algorithm, headers={"kid": kid})


def literal(text):
    lines = [text[start : start + 106] for start in range(0, len(text), 106)]
    return '#"""\n' + "".join(f"        {line}\\#\n" for line in lines)[:-3] + '\n        """#'


def main():
    keys = {algorithm: make_key(algorithm) for algorithm in ("ES256", "RS256")}
    key_set = {"keys": [public_jwk(algorithm, key) for algorithm, key in keys.items()]}
    tokens = [
        f'        IssuedToken("{user}", flaw: {json.dumps(flaw) if flaw else "nil"}, '
        f"{literal(make_token(user, algorithm, content, flaw, keys))}),"
        for user, (algorithm, content, flaw) in USERS.items()
    ]
    lines = [
        "// Made by make_issued_tokens.py.",
        "",
        "extension SimulatedIssuer {",
        "    /// What identifies the issuer in its tokens.",
        f'    package static let url = "{ISSUER}"',
        "",
        "    /// Whom the tokens are for.",
        f'    package static let audience = "{AUDIENCE}"',
        "",
        "    /// When good tokens are valid, in seconds since 1970.",
        f"    package static let validity: Range<Int64> = {START:_}..<{END:_}",
        "",
        "    /// The published keys.",
        "    package static let jwks = Array(keySet.utf8)",
        "",
        "    /// The tokens of all users, one for each.",
        "    package static let tokens = [",
        *tokens,
        "    ]",
        "",
        f"    private static let keySet = {literal(json.dumps(key_set, separators=(',', ':')))}",
        "}",
    ]
    Path(__file__).with_name("IssuedTokens.swift").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
