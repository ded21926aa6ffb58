"""Writes TokenVectors.swift: tokens that PyJWT and joserfc made, in all algorithms, and some that must be refused.

The private keys are made for this and forgotten, so each run makes other tokens. To run it:

    pip install pyjwt[crypto]==2.15.1 joserfc==1.8.0
    python Tests/JSONWebTokensTests/make_token_vectors.py
"""

import base64
import hashlib
import json
import secrets
from pathlib import Path

import joserfc.jwk
import joserfc.jwt
import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from jwt.algorithms import get_default_algorithms

CLAIMS = {
    "iss": "https://issuer.example",
    "sub": "user-1",
    "aud": ["api", "other"],
    "iat": 1767225600,
    "exp": 1767229200,
}
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def signing_input(algorithm: str, key_id: str) -> str:
    header = {"alg": algorithm, "kid": key_id}
    return ".".join(base64url(json.dumps(part).encode()) for part in (header, CLAIMS))


def public_jwk(algorithm: str, key, key_id: str) -> dict:
    jwk = get_default_algorithms()[algorithm].to_jwk(key.public_key(), as_dict=True)
    return {name: value for name, value in jwk.items() if name != "key_ops"} | {"kid": key_id}


def by_pyjwt(algorithm: str, key, key_id: str) -> str:
    return jwt.encode(CLAIMS, key, algorithm, headers={"kid": key_id})


def by_joserfc(algorithm: str, key, key_id: str) -> str:
    if isinstance(key, bytes):
        imported = joserfc.jwk.OctKey.import_key(key)
    else:
        imported = joserfc.jwk.import_key(get_default_algorithms()[algorithm].to_jwk(key, as_dict=True))
    return joserfc.jwt.encode({"alg": algorithm, "kid": key_id}, CLAIMS, imported, algorithms=[algorithm])


def make_keys() -> dict:
    shorter, longer = (rsa.generate_private_key(65537, bits) for bits in (2048, 3072))
    keys = {name: ("rsa-2048", shorter) for name in ("RS256", "RS384", "RS512")}
    keys |= {name: ("rsa-3072", longer) for name in ("PS256", "PS384", "PS512")}
    curves = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
    keys |= {name: (curve.name, ec.generate_private_key(curve)) for name, curve in curves.items()}
    return keys | {"EdDSA": ("ed25519", ed25519.Ed25519PrivateKey.generate())}


def make_refused(keys: dict) -> dict:
    """Tokens that name a key of the set, by what is wrong with them."""
    key_id, key = keys["PS256"]
    text = signing_input("PS256", key_id)
    salted = key.sign(text.encode(), padding.PSS(padding.MGF1(hashes.SHA256()), 20), hashes.SHA256())
    tokens = {"a salt of another length": f"{text}.{base64url(salted)}"}

    key_id, key = keys["ES256"]
    text = signing_input("ES256", key_id)
    tokens["a signature in DER"] = f"{text}.{base64url(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))}"
    text = signing_input("RS256", "exponent-1")
    digest = SHA256_PREFIX + hashlib.sha256(text.encode()).digest()
    padded = b"\0\1" + b"\xff" * (256 - 3 - len(digest)) + b"\0" + digest
    tokens["its own padded digest as the signature"] = f"{text}.{base64url(padded)}"
    return tokens


def literal(text: str) -> str:
    lines = [text[start : start + 106] for start in range(0, len(text), 106)]
    return '#"""\n' + "".join(f"        {line}\\#\n" for line in lines)[:-3] + '\n        """#'


def main() -> None:
    keys, secret = make_keys(), secrets.token_bytes(64)
    weak = rsa.generate_private_key(65537, 1024)
    published = {key_id: public_jwk(algorithm, key, key_id) for algorithm, (key_id, key) in keys.items()}
    modulus = (1 << 2047) + secrets.randbits(2047) | 1
    published["exponent-1"] = {"kty": "RSA", "n": number(modulus), "e": "AQ", "kid": "exponent-1"}
    published["rsa-1024"] = public_jwk("RS256", weak, "rsa-1024")
    signers = keys | {name: ("secret", secret) for name in ("HS256", "HS384", "HS512")}

    vectors = [
        f'        TokenVector("{maker}", .{name[0].lower() + name[1:] if name == "EdDSA" else name.lower()},'
        f" {literal(make(name, key, key_id))}),"
        for name, (key_id, key) in sorted(signers.items())
        for maker, make in {"PyJWT": by_pyjwt, "joserfc": by_joserfc}.items()
    ]
    refused = make_refused(keys) | {"a key of 1024 bits": by_pyjwt("RS256", weak, "rsa-1024")}
    lines = [
        "// Made by make_token_vectors.py.",
        "",
        "@testable import JSONWebTokens",
        "",
        "extension TokenVector {",
        "    /// The public keys, and two that must not be used.",
        f"    static let keySet = {literal(json.dumps({'keys': list(published.values())}, separators=(',', ':')))}",
        "",
        "    /// The secret, in hexadecimal digits.",
        f"    static let secret = {literal(secret.hex())}",
        "",
        "    static let all = [",
        *vectors,
        "    ]",
        "",
        "    /// Tokens that must be refused, by what is wrong with them.",
        "    static let refused = [",
        *[f'        "{reason}": {literal(token)},' for reason, token in refused.items()],
        "    ]",
        "}",
    ]
    Path(__file__).with_name("TokenVectors.swift").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
