"""What the header of a token may say, how long a token may be, and where a request may carry it."""

import json

import answers
import calls
import issuer_tables
import pytest
import signing_keys
import token_verdicts
import tokens
from token_verdicts import ACCEPTED, INVALID, NO_KEY

LONGEST = 8 * 1024
# A key of the table with the form of a token: some providers' keys have it.
TABLE_KEY = tokens.by_pyjwt(
    "HS256", signing_keys.SharedSecret("a secret that the proxy does not know"), {"iss": "supabase", "role": "anon"}
)
RSA, EC = signing_keys.key_for("RS256"), signing_keys.key_for("ES256")
KEY_SETS = {
    "one": [RSA],
    "several kinds": signing_keys.all_published(),
    "two of a kind": [RSA, signing_keys.rsa_key("rsa-second")],
    "two with one for encryption": [RSA, signing_keys.rsa_key("rsa-second").jwk(use="enc")],
    "two with one for another algorithm": [RSA, signing_keys.rsa_key("rsa-second").jwk(alg="RS512")],
    "one without ID": [RSA.jwk(kid=None)],
    "no key": [],
}


@pytest.fixture(scope="module")
def proxy(start, session_upstream, issuer):
    entries = [issuer_tables.published(issuer)]
    keys = [{"name": "tests", "key": calls.KEY}, {"name": "anon", "key": TABLE_KEY}]
    for name, listed in KEY_SETS.items():
        path = f"/sets/{name.replace(' ', '-')}"
        entries.append(issuer_tables.published(issuer, name, path))
        document = {"keys": [key if isinstance(key, dict) else key.jwk() for key in listed]}
        issuer.behaviours[path] = answers.plain(document)
    yield start(issuer_tables.table(session_upstream, *entries, virtual_keys=keys))
    issuer.behaviours.clear()


def good(issuer, **head):
    return tokens.by_pyjwt("RS256", RSA, tokens.claims(issuer.name), **head)


TYPES = {
    ACCEPTED: [tokens.MISSING, "JWT", "jwt", "Jwt", "at+jwt", "AT+JWT", "application/jwt", "application/at+jwt"],
    INVALID: [
        "", "JOSE", "logout+jwt", "secevent+jwt", "dpop+jwt", "kb+jwt", "vc+jwt", "jwt ", "text/jwt", "JWT\u0000", 5,
        True, None, ["JWT"], {"a": "JWT"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "kind, verdict", [(kind, verdict) for verdict, kinds in TYPES.items() for kind in kinds], ids=repr
)
def test_the_type_must_be_that_of_a_token(proxy, answering, issuer, kind, verdict):
    token_verdicts.check(proxy, answering, good(issuer, typ=kind), verdict)


@pytest.mark.parametrize("name", [set_ for set_ in KEY_SETS if set_ != "one without ID"])
@pytest.mark.parametrize("kid", ["rsa", tokens.MISSING, "another", "", "RSA", "rsa ", 5, None, ["rsa"]], ids=repr)
def test_the_key_must_be_the_one_that_the_header_names(proxy, answering, name, kid):
    token = tokens.by_pyjwt("RS256", RSA, tokens.claims(issuer_tables.url(name)), kid=kid)
    is_named = kid == "rsa" and name != "no key"
    is_only = kid is tokens.MISSING and name not in ("no key", "two of a kind")
    token_verdicts.check(proxy, answering, token, ACCEPTED if is_named or is_only else INVALID)


def test_a_key_without_an_id_fits_tokens_without_one(proxy, answering):
    payload = tokens.claims(issuer_tables.url("one without ID"))
    token_verdicts.check(proxy, answering, tokens.by_pyjwt("RS256", RSA, payload, kid=tokens.MISSING), ACCEPTED)
    token_verdicts.check(proxy, answering, tokens.by_pyjwt("RS256", RSA, payload), INVALID)


@pytest.mark.parametrize("length", range(LONGEST - 3, LONGEST + 4))
def test_a_token_may_have_8_kb(proxy, answering, issuer, length):
    token = tokens.of_length(length, "RS256", RSA, tokens.claims(issuer.name))
    token_verdicts.check(proxy, answering, token, ACCEPTED if length <= LONGEST else INVALID)


@pytest.mark.parametrize("headers", issuer_tables.HEADERS.items(), ids=lambda pair: "".join(pair))
@pytest.mark.parametrize("is_good", [True, False])
def test_a_token_may_come_in_each_header_of_a_key(proxy, answering, issuer, headers, is_good):
    name, beginning = headers
    token = good(issuer) if is_good else good(issuer, kid="another")
    fields = {name: beginning + token}
    token_verdicts.check(proxy, answering, token, ACCEPTED if is_good else INVALID, fields)


@pytest.mark.parametrize("other", ["X-Api-Key", "Api-Key"])
def test_one_of_two_headers_is_enough(proxy, answering, issuer, other):
    token, bad = good(issuer), good(issuer, kid="another")
    for first, second in [(bad, calls.KEY), (calls.KEY, bad), (token, "no key"), ("no key", token)]:
        headers = {"Authorization": f"Bearer {first}", other: second}
        token_verdicts.check(proxy, answering, token, ACCEPTED, headers)
    headers = {"Authorization": f"Bearer {bad}", other: "no key at all"}
    token_verdicts.check(proxy, answering, bad, {INVALID, NO_KEY}, headers)


def test_the_keys_of_the_table_are_tried_first(proxy, answering, issuer):
    response = token_verdicts.check(proxy, answering, TABLE_KEY, ACCEPTED)
    assert token_verdicts.user_of(proxy, response) is None
    response = token_verdicts.check(proxy, answering, good(issuer), ACCEPTED, {
        "Authorization": f"Bearer {good(issuer)}", "X-Api-Key": TABLE_KEY,
    })  # fmt: skip
    assert token_verdicts.user_of(proxy, response) is None


SHAPES = {
    "two parts": lambda token: token.rpartition(".")[0],
    "one part": lambda token: token.partition(".")[0],
    "five parts": lambda token: f"{token}.AAAA.AAAA",
    "an empty part": lambda token: token.replace(".", "..", 1),
    "no signature": lambda token: token.rpartition(".")[0] + ".",
    "no payload": lambda token: f"{token.split('.')[0]}..{token.split('.')[2]}",
    "no header": lambda token: "." + token.partition(".")[2],
    "padding": lambda token: f"{token}==",
    "plain base64": lambda token: token.replace("-", "+").replace("_", "/") + "/+",
    "a space inside": lambda token: token[:-5] + " " + token[-5:],
    "a tab inside": lambda token: token[:-5] + "\t" + token[-5:],
    "quotes": lambda token: f'"{token}"',
    "a comma after it": lambda token: f"{token},",
    "Bearer twice": lambda token: f"Bearer {token}",
    "another letter": lambda token: token.replace(".", ".\u00e9", 1),
    "a part of one character": lambda token: token.rpartition(".")[0] + ".A",
    "only dots": lambda token: "..",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_has_not_the_form_of_a_token_opens_nothing(proxy, answering, issuer, shape):
    token = SHAPES[shape](good(issuer))
    token_verdicts.check(proxy, answering, token, {INVALID, NO_KEY})


def test_spaces_around_a_token_are_ignored(proxy, answering, issuer):
    token = good(issuer)
    for headers in ({"Authorization": f"Bearer   {token}\t "}, {"X-Api-Key": f" {token} "}):
        token_verdicts.check(proxy, answering, token, ACCEPTED, headers)


BODIES = [b"", b"[]", b"null", b'"text"', b"{", b"{}x", b"\xff{}", b"\xef\xbb\xbf{}", b"{}", b"[" * 3000, b'{"a":' * 9]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body[:8]))
def test_a_payload_or_header_that_is_no_claim_set_opens_nothing(proxy, answering, issuer, body):
    token = tokens.by_pyjwt("RS256", RSA, body)
    token_verdicts.check(proxy, answering, token, {INVALID, NO_KEY})
    token = tokens.compact(body, tokens.claims(issuer.name), tokens.signature("RS256", RSA))
    token_verdicts.check(proxy, answering, token, {INVALID, NO_KEY})


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "exp", "nbf", "other", "\\u0073ub"])
def test_a_claim_that_comes_twice_is_refused(proxy, answering, issuer, name):
    claims = json.dumps(tokens.claims(issuer.name, nbf=1, other=1))
    value = json.dumps(tokens.claims(issuer.name, nbf=1, other=1).get(json.loads(f'"{name}"')))
    token = tokens.by_pyjwt("RS256", RSA, f'{{"{name}":{value},{claims[1:]}'.encode())
    token_verdicts.check(proxy, answering, token, INVALID)


@pytest.mark.parametrize("name, value", [("alg", "RS256"), ("kid", "rsa"), ("typ", "JWT"), ("x", 1)])
def test_a_member_of_the_header_that_comes_twice_is_refused(proxy, answering, issuer, name, value):
    members = json.dumps(tokens.header("RS256", RSA, x=1))
    head = f'{{"{name}":{json.dumps(value)},{members[1:]}'.encode()
    token = tokens.compact(head, tokens.claims(issuer.name), tokens.signature("RS256", RSA))
    token_verdicts.check(proxy, answering, token, INVALID)
