"""What a token must say: whose it is, for whom, and for how long."""

import claim_cases
import issuer_tables
import pytest
import records
import signing_keys
import token_verdicts
import tokens
from token_verdicts import ACCEPTED, INVALID

# Which values are accepted doesn't depend on how the program was built.
pytestmark = pytest.mark.debug_only


@pytest.fixture(scope="module")
def proxy(start, session_upstream, issuer):
    entries = [claim_cases.entry(issuer, name) for name in claim_cases.ISSUERS]
    entries.append(issuer_tables.published(issuer, "shown", user_claim="email", log_users=True, metadata_claims=SHOWN))
    return start(issuer_tables.table(session_upstream, *entries))


SHOWN = ["email", "roles", "verified", "age", "org", "nothing"]


def name_of(case):
    return f"{case[0]}-{str(case[1])[:60]}"


@pytest.mark.parametrize("case", claim_cases.CASES, ids=name_of)
def test_a_token_is_accepted_if_its_claims_fit(proxy, answering, case):
    name, changes, verdict, has_second_opinion = case
    token = claim_cases.token(name, changes)
    token_verdicts.check(proxy, answering, token, verdict)
    if has_second_opinion:
        assert claim_cases.opinion(token, name) == verdict


@pytest.mark.parametrize("kind", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_an_access_token_is_no_id_token(proxy, answering, kind):
    key = signing_keys.key_for("ES256")
    for name, use, verdict in [("id", "id", INVALID), ("access", "access", ACCEPTED)]:
        token = tokens.by_pyjwt("ES256", key, tokens.claims(issuer_tables.url(name), token_use=use), typ=kind)
        token_verdicts.check(proxy, answering, token, verdict)


NUMBERS = ["1e400", "1e999999999", "9" * 400, "1" + "0" * 5000, "-1e400", "1e18", "9223372036854775807", "0x7fffffff"]
NUMBERS += ["9223372036854775808", "18446744073709551616", "1.8e308", "5e-324", "1E", "--1", "+4000000000", "Infinity"]


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:20])
def test_a_time_beyond_all_times_does_no_harm(proxy, answering, name, number):
    claims = tokens.as_bytes(tokens.claims(issuer_tables.url("audience"), **{name: "PLACE"})).replace(
        b'"PLACE"', number.encode()
    )
    token = tokens.by_pyjwt("ES256", signing_keys.key_for("ES256"), claims)
    response = issuer_tables.chat(proxy, token)
    # A time in the remote past is good for `nbf` and `iat`; how far `exp` may be ahead is the issuer's affair.
    is_past = number in ("5e-324",) or number.startswith("-1")
    is_far = number in ("1e18", "9223372036854775807")
    expected = {INVALID, "expired_token"}
    if (name != "exp" and is_past) or (name == "exp" and is_far):
        expected |= {ACCEPTED}
    assert token_verdicts.of(response) in expected, response.body


def test_a_fraction_of_a_second_is_a_time(proxy, answering):
    for written in ("4000000000.5", "4e9", "4.0E+9", "4000000000.000000000000000001"):
        claims = tokens.as_bytes(tokens.claims(issuer_tables.url("audience"), exp="PLACE")).replace(
            b'"PLACE"', written.encode()
        )
        token = tokens.by_pyjwt("ES256", signing_keys.key_for("ES256"), claims)
        token_verdicts.check(proxy, answering, token, ACCEPTED)


def test_texts_that_look_alike_are_different_users(proxy, answering):
    names = ["\u00e9", "e\u0301", "\u00c9", "\u00e9 ", "a", "\u0430", "\ufb01", "fi", "\u00c5", "\u212b", "A\u030a"]
    names += ["user", "user\u200b", "USER"]
    made = [claim_cases.token("audience", {"sub": name}) for name in names]
    users = [token_verdicts.user_of(proxy, token_verdicts.check(proxy, answering, token, ACCEPTED)) for token in made]
    assert len(set(users)) == len(names)


def test_the_owner_may_see_users_and_claims_in_the_record(proxy, answering):
    claims = {
        "email": "somebody@example.com", "roles": ["a", "b"], "verified": True, "age": 7, "org": {"id": 1}, "x": "y",
    }  # fmt: skip
    record = records.of(proxy, token_verdicts.check(proxy, answering, claim_cases.token("shown", claims), ACCEPTED))
    assert record["user.id"] == "somebody@example.com" and "user.hash" not in record
    assert record["metadata"] == {"email": "somebody@example.com", "roles": "a, b", "verified": "true", "age": "7"}
    assert "a-user" not in str(record)


def test_a_long_claim_is_shortened_in_the_record(proxy, answering):
    claims = {"email": "somebody@example.com", "roles": ["r" * 1000] * 2, "verified": "\u001b[31m\n"}
    response = token_verdicts.check(proxy, answering, claim_cases.token("shown", claims), ACCEPTED)
    metadata = records.of(proxy, response)["metadata"]
    assert metadata["roles"].startswith("rrr") and len(metadata["roles"]) <= 257


def test_an_expired_token_is_told_apart_from_a_wrong_one(proxy, answering):
    expired = claim_cases.token("audience", {"exp": claim_cases.After(-999)})
    response = token_verdicts.check(proxy, answering, expired, "expired_token")
    assert "expired" in response.error["message"]
    # Whoever can't sign learns nothing from it.
    forged = f"{expired.rpartition('.')[0]}.{'A' * 86}"
    token_verdicts.check(proxy, answering, forged, INVALID)
    record = records.of(proxy, response)
    assert record["error.type"] == "caller_expired_token" and "user.hash" not in record
