"""What the proxy says about a token, and what it may never say."""

import re

import issuer_tables
import records

ACCEPTED = "accepted"
INVALID = "invalid_token"
EXPIRED = "expired_token"
# What doesn't have the form of a token is a wrong key.
NO_KEY = "invalid_api_key"
CHALLENGE = re.compile(r'Bearer ((?:[a-z_]+="(?:[^"\\]|\\.)*"(?:, |$))+)')
# RFC 6750, section 3: what may be in `error_description`.
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")
GRAM = 8
# In claims that nobody may see.
MARK = "s3cr3t"


def challenge(response):
    """The parameters of WWW-Authenticate (RFC 9110, section 11.6.1)."""
    found = CHALLENGE.fullmatch(response.header("www-authenticate"))
    assert found, response.header("www-authenticate")
    parameters = re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', found[1])
    assert len(dict(parameters)) == len(parameters)
    return dict(parameters)


def pieces(token):
    """All sequences of so many characters in a token. A key's masked form has shorter ones."""
    return {token[start : start + GRAM] for start in range(len(token) - GRAM + 1)}


def contents(token):
    """What no text may contain: the pieces of a token, and the marks in its claims."""
    return pieces(token) | {MARK}


def leaked(text, token):
    return sorted(piece for piece in contents(token) if piece in text)


def of(response):
    """A response's verdict, after all checks that hold for every refusal."""
    if response.status == 200:
        return ACCEPTED
    assert response.status == 401, (response.status, response.body)
    code = response.error["code"]
    said = challenge(response)
    assert said["realm"] == "openai-proxy" and said["error"] == "invalid_token"
    if code != NO_KEY:
        assert DESCRIPTION.fullmatch(said["error_description"]), said
        assert response.error["type"] == "invalid_request_error"
        # Nothing about the keys of the table.
        assert "API key" not in response.error["message"]
    if code == EXPIRED:
        assert said["error_description"].startswith("The token has expired")
    return code


def check(proxy, upstream, token, expected, headers=None):
    """Send a token with a chat completion; compare the verdict, and look for what must not be said."""
    expected = {expected} if isinstance(expected, str) else expected
    key = None if headers else token
    response = issuer_tables.chat(proxy, key, headers=headers)
    verdict = of(response)
    assert verdict in expected, (verdict, expected, response.body)
    if verdict == ACCEPTED:
        forwarded = upstream.request()
        assert not leaked(str(forwarded.headers), token)
    else:
        assert upstream.saw_nothing
        said = str(response.headers) + response.body.decode()
        assert verdict == NO_KEY or not leaked(said, token), leaked(said, token)
    return response


def user_of(proxy, response):
    """Who the record says has called: the hash or, if the issuer allows it, the ID."""
    record = records.of(proxy, response)
    return record.get("user.hash") or record.get("user.id")
