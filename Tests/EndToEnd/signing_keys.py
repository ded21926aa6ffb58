"""Keys that sign tokens. Each is made once, since making RSA keys takes long."""

import functools

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}
PUBLISHED = (*RSA, *CURVES, "EdDSA")
SHARED = ("HS256", "HS384", "HS512")


class SigningKey:
    """A key with an ID: `private` for PyJWT, `jose` for joserfc."""

    def __init__(self, kid, private, kind):
        self.kid = kid
        self.private = private
        self.jose = kind.import_key(private)

    @property
    def public(self):
        return self.private.public_key()

    def jwk(self, **members):
        """The public key as it is in a key set; with None a member is left out."""
        all_members = {**self.jose.as_dict(private=False), "kid": self.kid, "use": "sig", **members}
        return {name: value for name, value in all_members.items() if value is not None}

    def encoded(self, encoding="PEM", form="SubjectPublicKeyInfo"):
        """The public key as bytes in PEM or DER."""
        return self.public.public_bytes(
            getattr(serialization.Encoding, encoding), getattr(serialization.PublicFormat, form)
        )


@functools.cache
def rsa_key(kid, bits=2048):
    return SigningKey(kid, rsa.generate_private_key(public_exponent=65537, key_size=bits), RSAKey)


@functools.cache
def key_for(algorithm, kid=None):
    """A key for an asymmetric algorithm. With the same ID it is the same key."""
    if algorithm in RSA:
        return rsa_key(kid or "rsa")
    if algorithm in CURVES:
        curve = CURVES[algorithm]()
        return SigningKey(kid or curve.name, ec.generate_private_key(curve), ECKey)
    return SigningKey(kid or "ed25519", ed25519.Ed25519PrivateKey.generate(), OKPKey)


class SharedSecret:
    """A secret as a key of both libraries. It has no ID."""

    kid = None

    def __init__(self, secret):
        self.private = secret.encode() if isinstance(secret, str) else secret

    @property
    def jose(self):
        """Fails for what an attacker might use."""
        return OctKey.import_key(self.private)


def all_published():
    """One key for each kind of published key."""
    return [key_for(algorithm) for algorithm in ("RS256", *CURVES, "EdDSA")]
