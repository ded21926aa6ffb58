"""Tables of servers whose users come from token issuers. JSON, which is YAML too."""

import json

import calls
import issuers
import signing_keys
import tables
import tokens

USER_ID_KEY = "the-key-of-the-hash-that-stands-for-users"
SECRET = "the secret that a backend shares with the proxy, long enough for each algorithm"
CHAT = "/server/v1/chat/completions"
ME = "/v1/me"
# Fields of a request that may carry a token, with what is in front of it.
HEADERS = {"Authorization": "Bearer ", "authorization": "bearer ", "X-Api-Key": "", "Api-Key": ""}


def url(name):
    """An issuer's address for a short name: where keys are published, the table takes no other names."""
    return f"https://{name.replace(' ', '-').lower()}.example"


def published(issuer, name=None, path=issuers.KEYS, **more):
    """An issuer that publishes its keys. With a name of its own, the table has the address of the keys."""
    named = {"issuer": issuer.name} if name is None else {"issuer": url(name), "jwks_url": issuer.name + path}
    return {**named, "audiences": [tokens.AUDIENCE], **more}


def backend(name="my-backend", secret=SECRET, **more):
    """An issuer that shares a secret with the proxy."""
    secrets = {} if "secrets" in more else {"secret": secret}
    return {"issuer": name, **secrets, **more}


def table(up, *issuers, server=None, servers=None, **settings):
    """A table with these issuers; `server` has more members of the server."""
    usual = {"url": f"{up.origin}/v1", "token": tables.UPSTREAM_TOKEN, "num_retries": 0, **(server or {})}
    key = {"name": "tests", "key": calls.KEY}
    common = {"token_issuers": issuers, "user_id_key": USER_ID_KEY, "virtual_keys": [key], **settings}
    return json.dumps({"server": usual, **(servers or {}), "settings": common}, indent=1)


def backend_token(user="a-user", issuer="my-backend", secret=SECRET, algorithm="HS256", **changes):
    """A token of a user of a backend."""
    payload = tokens.claims(issuer, sub=user, **changes)
    return tokens.by_pyjwt(algorithm, signing_keys.SharedSecret(secret), payload)


def chat(proxy, token, body=None, path=CHAT, **options):
    """A chat completion with this token."""
    return calls.call(proxy.origin, "POST", path, body or calls.chat(), key=token, **options)


def me(proxy, token, method="GET"):
    return calls.call(proxy.origin, method, ME, key=token)
