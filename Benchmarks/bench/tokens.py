"""Tokens of users, as a backend signs them: RFC 7515 with HS256."""

import base64
import hashlib
import hmac
import json
import time

# The same as in Peers/swift/users.yaml.
ISSUER = "bench-backend"
SECRET = b"bench-secret-bench-secret-bench-secret"
VALID = 1800  # seconds
# As long as the access tokens of Cognito are: about 1 KB.
CLAIMS = {f"claim-{number}": "0123456789abcdef" * 2 for number in range(14)}


def of_a_user():
    claims = {"iss": ISSUER, "sub": "user-1", "exp": int(time.time()) + VALID, **CLAIMS}
    signed = b".".join(_part(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return (signed + b"." + _part(hmac.digest(SECRET, signed, hashlib.sha256))).decode()


def _part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")
